using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// What both sides have seen of a handshake before the proofs: its hash goes into them, so that nobody between the two can have changed a version,
/// a capability or a nonce, and no proof fits another connection.
/// </summary>
internal static class HandshakeTranscript
{
    /// <summary>Size of the hash in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>SHA-256 over both payloads as they were on the wire, each after its length (u32, big-endian).</summary>
    /// <param name="hello">The payload of <see cref="HelloFrame"/>.</param>
    /// <param name="helloReply">The payload of <see cref="HelloReplyFrame"/>.</param>
    public static byte[] Hash(in ReadOnlySequence<byte> hello, in ReadOnlySequence<byte> helloReply)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, hello);
        Append(hash, helloReply);
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, in ReadOnlySequence<byte> payload)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, checked((uint)payload.Length));
        hash.AppendData(length);
        foreach (ReadOnlyMemory<byte> segment in payload)
        {
            hash.AppendData(segment.Span);
        }
    }
}
