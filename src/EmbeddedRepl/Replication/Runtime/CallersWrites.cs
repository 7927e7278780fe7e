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

    public ForwardTask? Clear()
    {
        var buffer = new OperationBuffer(0);
        buffer.AddClear();
        return Begin(buffer);
    }

    /// <summary>Sends entries in their order, a batch at a time, and waits for each batch: what follows one that failed is not sent.</summary>
    /// <param name="entries">All of them.</param>
    /// <param name="first">How many at their start are written already.</param>
    /// <param name="expiration">Of each.</param>
    /// <returns>How many entries were written; fewer than there are if this node became a master meanwhile.</returns>
    public int SetMany(IReadOnlyCollection<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, int first, in WriteExpiration expiration)
    {
        int written = 0;
        int gathered = 0;
        var buffer = new OperationBuffer(EnoughBytes);
        foreach ((string key, ReadOnlyMemory<byte> value) in entries.Skip(first))
        {
            buffer.AddSet(key, new ReadOnlySequence<byte>(value), expiration);
            gathered++;
            if (buffer.Length >= EnoughBytes || first + written + gathered == entries.Count)
            {
                if (Begin(buffer) is not { } task)
                {
                    return written;
                }

                task.Wait();
                written += gathered;
                gathered = 0;
                buffer = new OperationBuffer(0);
            }
        }

        buffer.Release();
        return written;
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
