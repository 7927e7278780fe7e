using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// Names one process: 160 random bits, printed as 40 lower-case hexadecimal digits. Used to fence requests and to find cycles, for nothing else;
/// addresses never identify a node.
/// </summary>
internal readonly record struct RunId
{
    /// <summary>Size of a run id in bytes.</summary>
    public const int Size = 20;

    private readonly UInt128 _high;
    private readonly uint _low;

    /// <summary>Reads a run id from its binary form.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes; copied.</param>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> does not have <see cref="Size"/> bytes.</exception>
    public RunId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"A run id has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>Makes a new run id from the operating system's random source.</summary>
    public static RunId NewId()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return new RunId(bytes);
    }

    /// <summary>Writes the binary form.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too small.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size)
        {
            throw new ArgumentException($"A run id needs {Size} bytes.", nameof(destination));
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _low);
    }

    /// <summary>Prints the 40 hexadecimal digits.</summary>
    public override string ToString() => $"{_high:x32}{_low:x8}";
}
