using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// One request of a caller on this node, from the call to its end. It goes one way through its states and ends exactly once. Under the gate, except the
/// constructor.
/// </summary>
internal abstract class ForwardedWrite
{
    private byte[]? _operations;

    /// <summary>Takes the encoded operations.</summary>
    /// <param name="operations">From the shared pool; given back by this object.</param>
    /// <param name="length">How many bytes of it count.</param>
    protected ForwardedWrite(byte[] operations, int length)
    {
        _operations = operations;
        Length = length;
    }

    /// <summary>Bytes of the encoded operations.</summary>
    public int Length { get; }

    public ForwardedWriteState State { get; private set; }

    public ForwardedWriteEnd End { get; private set; }

    /// <summary>When the caller called, in milliseconds of the monotonic clock.</summary>
    public long BegunAt { get; set; }

    /// <summary>Its number among this node's requests; 0 while it waits for room.</summary>
    public long Number { get; private set; }

    /// <summary>Whether its operations are still held.</summary>
    public bool HoldsBytes => _operations is not null;

    /// <summary>How much of it was handed to the connection.</summary>
    public int SentBytes { get; private set; }

    /// <summary>What the answer said, if one came.</summary>
    public WriteStatus Status { get; private set; }

    /// <summary>For a person; empty if it was applied.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Where the master has it; of meaning from <see cref="ForwardedWriteState.Answered"/> on.</summary>
    public ReplicationId Id { get; private set; }

    /// <inheritdoc cref="Id"/>
    public long Offset { get; private set; }

    /// <summary>Its place among all that have not ended, in the order of their calls.</summary>
    public LinkedListNode<ForwardedWrite>? Place { get; set; }

    /// <summary>Whether all of it was handed to the connection.</summary>
    public bool IsSentWhole => SentBytes == Length;

    /// <summary>There is room for it.</summary>
    public void Enqueue(long number)
    {
        Number = number;
        State = ForwardedWriteState.Queued;
    }

    /// <summary>Hands the next piece out, to be copied at once.</summary>
    public ReadOnlyMemory<byte> TakePiece(int maxBytes)
    {
        int size = Math.Min(maxBytes, Length - SentBytes);
        ReadOnlyMemory<byte> piece = _operations.AsMemory(SentBytes, size);
        SentBytes += size;
        if (IsSentWhole && State == ForwardedWriteState.Queued)
        {
            State = ForwardedWriteState.Sent;
        }

        return piece;
    }

    /// <summary>The bytes are needed no more.</summary>
    public void ReleaseBytes()
    {
        if (_operations is { } operations)
        {
            _operations = null;
            ArrayPool<byte>.Shared.Return(operations);
        }
    }

    /// <summary>The answer came.</summary>
    public void Answer(in WriteReplyFrame reply)
    {
        Status = reply.Status;
        Message = reply.Message;
        Id = reply.Id;
        Offset = reply.Offset;
        State = ForwardedWriteState.Answered;
    }

    /// <summary>It is over. No effect the second time.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="message">For a person; null to keep what the answer said.</param>
    public void Finish(ForwardedWriteEnd end, string? message = null)
    {
        if (State != ForwardedWriteState.Ended)
        {
            State = ForwardedWriteState.Ended;
            End = end;
            Message = message ?? Message;
            OnEnded();
        }
    }

    /// <summary>Called once, under the gate: it must only pass the news on.</summary>
    protected abstract void OnEnded();
}
