using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Facade;

/// <summary>
/// A position as text that callers carry from node to node: base64url, without padding, of
/// <code>
/// | 0       | 1 .. 20        | 21 .. 28                   |
/// | version | replication id | offset, big-endian, signed |
/// </code>
/// Every token is of the same length, so a cut one is noticed. It has no check sum: a token of which a character was changed may name another position, as anybody may make one up.
/// </summary>
internal static class ConsistencyToken
{
    private const byte Version = 1;
    private const int Size = 1 + ReplicationId.Size + sizeof(long);
    private const int Length = 39;
    private const string Advice = "Pass on what GetConsistencyToken or ConsistencyScope.Token returned, unchanged; if it came from a client, take a damaged one for none.";

    public static string Print(in StreamPosition position)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        position.Id.CopyTo(bytes[1..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[(1 + ReplicationId.Size)..], position.Offset);
        return Base64Url.EncodeToString(bytes);
    }

    /// <param name="token">Any text.</param>
    /// <param name="position">What it stands for.</param>
    /// <param name="problem">Why it is no token, and what to do; does not show it.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string token, out StreamPosition position, [NotNullWhen(false)] out string? problem)
    {
        position = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (token.Length != Length || !Base64Url.IsValid(token, out int size) || size != Size || !Base64Url.TryDecodeFromChars(token, bytes, out int written) || written != Size)
        {
            problem = $"This is no consistency token; one has {Length} characters of base64url. {Advice}";
            return false;
        }

        if (bytes[0] != Version)
        {
            problem = $"This consistency token is of version {bytes[0]}, and this node knows version {Version}. {Advice}";
            return false;
        }

        var id = new ReplicationId(bytes.Slice(1, ReplicationId.Size));
        long offset = BinaryPrimitives.ReadInt64BigEndian(bytes[(1 + ReplicationId.Size)..]);
        if (offset < 0 || (id.IsNone && offset != 0))
        {
            problem = $"This consistency token stands for no position that there can be. {Advice}";
            return false;
        }

        position = new StreamPosition(id, offset);
        problem = null;
        return true;
    }
}
