using System.Buffers;
using System.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>Applies forwarded operations on the master, as if they had been called there. Under the gate.</summary>
internal static class ForwardedOperations
{
    /// <summary>What is read before it is compared with the node's own limits, so that a larger one is answered and not taken for a broken frame.</summary>
    private static readonly RecordLimits Readable = new(ReplicatedCacheOptions.MaxKeySizeLimit, ReplicatedCacheOptions.MaxValueSizeLimit);

    /// <summary>Applies the whole operations at the start of a request's bytes, in order.</summary>
    /// <returns>How many bytes they had.</returns>
    /// <exception cref="WriteRefusedException">One is refused; those before it are applied.</exception>
    public static int Apply(NodeCore node, ReadOnlyMemory<byte> bytes, Moment now)
    {
        int position = 0;
        try
        {
            while (position < bytes.Length && OperationReader.TryRead(bytes.Span[position..], Readable, out Operation operation, out int consumed))
            {
                Apply(node, operation, bytes.Slice(position, consumed), now);
                position += consumed;
            }
        }
        catch (NotEnoughReplicasException exception)
        {
            throw new WriteRefusedException(WriteStatus.TooFewReplicas, exception.Message);
        }
        catch (Exception exception) when (exception is StoreFullException or CacheFullException)
        {
            throw new WriteRefusedException(WriteStatus.TooLarge, exception.Message);
        }
        catch (ProtocolException exception)
        {
            // Refused and not the end of the connection, which may be that of a node on the way, who has done nothing wrong.
            throw new WriteRefusedException(WriteStatus.Refused, exception.Message);
        }
        catch (ReplicatedCacheException exception)
        {
            throw new WriteRefusedException(WriteStatus.Refused, exception.Message);
        }

        return position;
    }

    private static void Apply(NodeCore node, in Operation operation, ReadOnlyMemory<byte> raw, Moment now)
    {
        if (operation.Key.Length > node.Settings.MaxKeySize || operation.Value.Length > node.Settings.MaxValueSize)
        {
            throw new WriteRefusedException(
                WriteStatus.TooLarge, $"The master takes keys up to {node.Settings.MaxKeySize} and values up to {node.Settings.MaxValueSize} bytes.");
        }

        switch (operation.Kind)
        {
            case RecordKind.Set:
                node.Set(node.Data.Store.MakeKey(operation.Key), ValueOf(operation, raw), ExpirationOf(operation, now));
                break;
            case RecordKind.CompareAndSet:
                ThrowIfConflicting(node.CompareAndSet(
                    node.Data.Store.MakeKey(operation.Key), operation.Expected, ValueOf(operation, raw), ExpirationOf(operation, now)));
                break;
            case RecordKind.CompareAndRemove:
                ThrowIfConflicting(node.CompareAndRemove(node.Data.Store.MakeKey(operation.Key), operation.Expected));
                break;
            case RecordKind.Remove:
                node.Remove(node.Data.Store.MakeKey(operation.Key));
                break;
            case RecordKind.Clear:
                node.Clear();
                break;
            default:
                throw new UnreachableException("The reader knows an operation that is not applied here.");
        }
    }

    private static EntryExpiration ExpirationOf(in Operation operation, Moment now) => DeadlineClock.Resolve(
        operation.AbsoluteExpiration, operation.RelativeExpiration, operation.SlidingWindow, now.UtcMilliseconds);

    /// <summary>The value, which is the end of the operation.</summary>
    private static ReadOnlySequence<byte> ValueOf(in Operation operation, ReadOnlyMemory<byte> raw) => new(raw[^operation.Value.Length..]);

    private static void ThrowIfConflicting(bool isAsExpected)
    {
        if (!isAsExpected)
        {
            throw new WriteRefusedException(WriteStatus.Conflict, "The entry has another version than was expected.");
        }
    }
}
