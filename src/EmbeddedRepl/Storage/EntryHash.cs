using System.Buffers.Binary;

namespace EmbeddedRepl.Storage;

/// <summary>What one entry adds to the digest. Thread-safe.</summary>
internal static class EntryHash
{
    /// <summary>The hash of key and value.</summary>
    /// <param name="keyAndValue">The bytes as they lie in the entry, the value right after the key.</param>
    /// <param name="keyLength">Length of the key; it varies the seed, so that moving the boundary between key and value changes the hash.</param>
    /// <param name="digestSeed">See <see cref="StoreSeed.DigestSeed"/>.</param>
    public static UInt128 OfContent(ReadOnlySpan<byte> keyAndValue, int keyLength, ulong digestSeed)
    {
        return XxHash3.Hash(keyAndValue, digestSeed + ((ulong)keyLength * XxHash3.Prime64C));
    }

    /// <summary>The entry's share of the digest: its content hash, bound to the replicated expiration if it has one.</summary>
    public static StoreDigest Of(UInt128 content, in EntryExpiration expiration, ulong digestSeed)
    {
        if (expiration.Deadline == 0)
        {
            return new StoreDigest(content);
        }

        Span<byte> bytes = stackalloc byte[40];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, content);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], expiration.Deadline);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], expiration.SlidingWindow);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], expiration.AbsoluteCap);
        return new StoreDigest(XxHash3.Hash(bytes, digestSeed));
    }
}
