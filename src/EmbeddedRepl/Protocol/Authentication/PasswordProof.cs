using System.Security.Cryptography;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// Proof that a side knows the password, which itself never travels: HMAC-SHA-256 keyed by the <see cref="PasswordKey"/> over a label, the role,
/// both nonces and the <see cref="HandshakeTranscript"/>. Stateless; thread-safe.
/// </summary>
internal static class PasswordProof
{
    /// <summary>Size of a proof in bytes.</summary>
    public const int Size = HMACSHA256.HashSizeInBytes;

    // Both labels have the same length and everything after them has a fixed size, so that the parts cannot be shifted against each other.
    private static ReadOnlySpan<byte> ReplicaLabel => "EmbeddedRepl 1 replica"u8;

    private static ReadOnlySpan<byte> MasterLabel => "EmbeddedRepl 1 master "u8;

    /// <summary>Computes the proof of one side.</summary>
    /// <param name="key">The password's key.</param>
    /// <param name="role">Whose proof it is.</param>
    /// <param name="replicaNonce">From <see cref="HelloFrame"/>.</param>
    /// <param name="masterNonce">From <see cref="HelloReplyFrame"/>.</param>
    /// <param name="transcript">From <see cref="HandshakeTranscript"/>.</param>
    /// <returns>A new array of <see cref="Size"/> bytes.</returns>
    public static byte[] Compute(
        PasswordKey key,
        ProofRole role,
        ReadOnlySpan<byte> replicaNonce,
        ReadOnlySpan<byte> masterNonce,
        ReadOnlySpan<byte> transcript)
    {
        CheckSize(replicaNonce, ProtocolLimits.NonceSize, nameof(replicaNonce));
        CheckSize(masterNonce, ProtocolLimits.NonceSize, nameof(masterNonce));
        CheckSize(transcript, HandshakeTranscript.Size, nameof(transcript));
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Bytes);
        hash.AppendData(role == ProofRole.Replica ? ReplicaLabel : MasterLabel);
        hash.AppendData(replicaNonce);
        hash.AppendData(masterNonce);
        hash.AppendData(transcript);
        return hash.GetHashAndReset();
    }

    /// <summary>Compares a proof with the expected one in a time that depends on neither.</summary>
    public static bool Matches(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> proof) => CryptographicOperations.FixedTimeEquals(expected, proof);

    private static void CheckSize(ReadOnlySpan<byte> bytes, int size, string parameter)
    {
        if (bytes.Length != size)
        {
            throw new ArgumentException($"Needs {size} bytes, not {bytes.Length}.", parameter);
        }
    }
}
