using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The 128-bit secret of one data set. It keys the hash of the index (so that strangers' keys can't be made to collide) and the digest
/// (so that differing data can't be made to look equal). All nodes of a data set share it: a replica is given it after authentication.
/// </summary>
internal readonly record struct StoreSeed(ulong Low, ulong High)
{
    /// <summary>Size of the binary form in bytes.</summary>
    public const int Size = 16;

    /// <summary>Reads a seed from its binary form.</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes; copied.</param>
    public StoreSeed(ReadOnlySpan<byte> bytes)
        : this(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]))
    {
    }

    /// <summary>The seed of the digest's hash; differs from both halves so that neither use tells about the other.</summary>
    public ulong DigestSeed => (Low * 0x9E3779B185EBCA87) ^ (High * 0xC2B2AE3D27D4EB4F) ^ (High >> 29);

    /// <summary>Makes a seed from the operating system's random source.</summary>
    public static StoreSeed NewSeed()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return new StoreSeed(bytes);
    }

    /// <summary>Writes the binary form.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Low);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[sizeof(ulong)..], High);
    }

    /// <summary>Says nothing: the seed is a secret and must not reach a log.</summary>
    public override string ToString() => "(secret)";
}
