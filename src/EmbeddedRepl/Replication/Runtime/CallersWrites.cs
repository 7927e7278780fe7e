using System.Buffers;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication.Forwarding;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>Encodes what callers on a replica write and begins to send it. Each member returns null if this node turned out to be a master. Thread-safe.</summary>
internal sealed class CallersWrites(NodeRuntime runtime, CacheTelemetry? telemetry = null)
{
    /// <summary>Bytes of operations after which a batch is sent.</summary>
    private const int EnoughBytes = 256 * 1024;

    /// <summary>Encodes one set; the value is copied before this returns.</summary>
    public ForwardTask? Set(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddSet(key, value, expiration);
        return Begin(buffer);
    }

    public ForwardTask? Remove(string key)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddRemove(key);
        return Begin(buffer);
    }

    /// <summary>Encodes the next removals of many, as many as make a batch.</summary>
    /// <param name="keys">All of them; at least one is left.</param>
    /// <param name="first">How many at their start are dealt with already.</param>
    /// <param name="count">How many the batch has.</param>
    public ForwardTask? RemoveMany(IReadOnlyList<string> keys, int first, out int count)
    {
        var buffer = new OperationBuffer(0);
        int next = first;
        do
        {
            buffer.AddRemove(keys[next]);
            next++;
        }
        while (buffer.Length < EnoughBytes && next < keys.Count);
        count = next - first;
        return Begin(buffer);
    }

    /// <summary>Encodes one compare-and-set; the value is copied before this returns.</summary>
    public ForwardTask? CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, in WriteExpiration expiration)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddCompareAndSet(key, value.Span, expected, expiration);
        return Begin(buffer);
    }

    public ForwardTask? CompareAndRemove(string key, EntryVersion expected)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddCompareAndRemove(key, expected);
        return Begin(buffer);
    }

    public ForwardTask? Clear()
    {
        var buffer = new OperationBuffer(0);
        buffer.AddClear();
        return Begin(buffer);
    }

    /// <summary>Encodes the next entries of many, as many as make a batch.</summary>
    /// <param name="entries">All of them; at least one is left.</param>
    /// <param name="first">How many at their start are written already.</param>
    /// <param name="expiration">Of each.</param>
    /// <param name="count">How many entries the batch has.</param>
    public ForwardTask? SetMany(
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, int first, in WriteExpiration expiration, out int count)
    {
        var buffer = new OperationBuffer(EnoughBytes);
        int next = first;
        do
        {
            buffer.AddSet(entries[next].Key, new ReadOnlySequence<byte>(entries[next].Value), expiration);
            next++;
        }
        while (buffer.Length < EnoughBytes && next < entries.Count);
        count = next - first;
        return Begin(buffer);
    }

    private ForwardTask? Begin(OperationBuffer buffer)
    {
        (byte[] bytes, int length) = buffer.Take();
        ObservedWrite? observed = telemetry is { WantsForwardedWrites: true } ? telemetry.BeginForwardedWrite() : null;
        var task = new ForwardTask(runtime, bytes, length, observed);
        try
        {
            if (task.TryBegin())
            {
                return task;
            }
        }
        catch
        {
            observed?.End(ForwardedWriteOutcome.Unsent);
            throw;
        }

        observed?.Discard();
        return null;
    }
}
