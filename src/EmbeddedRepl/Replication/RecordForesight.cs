using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Looks at the records that come next and has the memory loaded that they will change, of many at once. Applying a record is mostly waiting for memory: its slot of the index, then its entry.
/// Nothing depends on it; it may see less than there is.
/// </summary>
internal static class RecordForesight
{
    /// <summary>So many records are looked at together: enough to hide the latency of memory, few enough to stay in the first level of the processor's cache.</summary>
    public const int MaxRecords = 16;

    /// <summary>Loads what the first records of some bytes will change.</summary>
    /// <returns>How many records were looked at.</returns>
    public static int Load(ReadOnlySpan<byte> bytes, in RecordLimits limits, CacheStore store)
    {
        Span<ulong> hashes = stackalloc ulong[MaxRecords];
        int count = 0;
        try
        {
            while (count < MaxRecords && RecordReader.TryRead(bytes, limits, out Record record, out int consumed))
            {
                hashes[count++] = store.MakeKey(record.Key).Hash;
                bytes = bytes[consumed..];
            }
        }
        catch (ProtocolException)
        {
            // Whoever applies the records finds it, too, after those before it.
        }

        if (count > 1)
        {
            store.Prefetch(hashes[..count]);
        }

        return count;
    }
}
