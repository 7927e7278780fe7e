using System.Buffers.Binary;
using System.Globalization;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Fingerprint of a data set: the wrapping sum of the 128-bit hashes of its entries. It does not depend on their order, and one entry's
/// share can be added and taken away. Two nodes with the same seed and the same entries have the same digest.
/// </summary>
internal readonly record struct StoreDigest(UInt128 Sum)
{
    /// <summary>Size of the binary form in bytes.</summary>
    public const int Size = 16;

    /// <summary>Reads a digest from its binary form (big-endian, the order in which it is printed).</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes; copied.</param>
    public StoreDigest(ReadOnlySpan<byte> bytes)
        : this(BinaryPrimitives.ReadUInt128BigEndian(bytes))
    {
    }

    /// <summary>Writes the binary form.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Sum);

    /// <summary>Prints 32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Sum.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Adds entries' shares.</summary>
    public static StoreDigest operator +(StoreDigest left, StoreDigest right) => new(unchecked(left.Sum + right.Sum));

    /// <summary>Takes entries' shares away.</summary>
    public static StoreDigest operator -(StoreDigest left, StoreDigest right) => new(unchecked(left.Sum - right.Sum));
}
