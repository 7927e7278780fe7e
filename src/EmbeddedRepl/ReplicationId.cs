using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace EmbeddedRepl;

/// <summary>
/// Names one history of one data set: 160 random bits, printed as 40 lower-case hexadecimal digits as Redis does.
/// Two nodes with the same id and the same offset hold the same data.
/// </summary>
public readonly struct ReplicationId : IEquatable<ReplicationId>
{
    /// <summary>Size of an id in bytes.</summary>
    public const int Size = 20;

    private readonly ulong _high;
    private readonly ulong _middle;
    private readonly uint _low;

    /// <summary>Reads an id from its binary form.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes; copied.</param>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> does not have <see cref="Size"/> bytes.</exception>
    public ReplicationId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"A replication id has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The id of no history; what a node shows before it has any.</summary>
    public static ReplicationId None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => _high == 0 && _middle == 0 && _low == 0;

    /// <summary>Makes a new id from the operating system's random source.</summary>
    public static ReplicationId NewId()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return new ReplicationId(bytes);
    }

    /// <summary>Writes the binary form.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too small.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size)
        {
            throw new ArgumentException($"A replication id needs {Size} bytes.", nameof(destination));
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _low);
    }

    /// <inheritdoc/>
    public bool Equals(ReplicationId other) => _high == other._high && _middle == other._middle && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ReplicationId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _middle, _low);

    /// <summary>Prints the 40 hexadecimal digits.</summary>
    public override string ToString() => $"{_high:x16}{_middle:x16}{_low:x8}";

    /// <summary>Whether both name the same history.</summary>
    public static bool operator ==(ReplicationId left, ReplicationId right) => left.Equals(right);

    /// <summary>Whether they name different histories.</summary>
    public static bool operator !=(ReplicationId left, ReplicationId right) => !left.Equals(right);
}
