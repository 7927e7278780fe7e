using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using Sse2 = System.Runtime.Intrinsics.X86.Sse2;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The hash of keys in the index, keyed by the data set's secret, so that who does not know it can't choose keys that collide. Where the processor
/// has AES instructions it is built from their rounds, as the hash of Go's maps is; elsewhere it is <see cref="SipHash"/>. It is never
/// stored or sent, so nodes of one data set may differ in it: then a snapshot is merely not in the receiver's order. Thread-safe.
/// </summary>
/// <remarks>
/// Two lanes of 16 bytes absorb the key, the first ones under different secrets, and are each scrambled by three rounds (a difference reaches every byte after two);
/// their sum and the length by one more. The last bytes are read in one piece with those before them, overlapping, so most keys take no loop; the
/// length enters after the lanes, where no choice of bytes can cancel it. Keys whose lanes absorb as many pieces differ in length by less than two lanes,
/// so the low byte of their lengths differs.
/// </remarks>
internal sealed class KeyHash
{
    /// <summary>The longest key, in characters, that <see cref="TryNarrow"/> takes.</summary>
    public const int MaxShortKey = 2 * LaneSize;

    private const int LaneSize = 16;
    private const int HalfLane = 8;

    private readonly StoreSeed _seed;
    private readonly bool _usesAes;
    private readonly Vector128<byte> _first;
    private readonly Vector128<byte> _second;
    private readonly Vector128<byte> _round;

    public KeyHash(StoreSeed seed, bool usesAes = true)
    {
        _seed = seed;
        _usesAes = usesAes && IsAccelerated;
        Span<byte> secrets = stackalloc byte[3 * LaneSize];
        for (int i = 0; i < secrets.Length; i += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(secrets[i..], SipHash.Hash([(byte)i], seed));
        }

        _first = Vector128.Create(secrets);
        _second = Vector128.Create(secrets[LaneSize..]);
        _round = Vector128.Create(secrets[(2 * LaneSize)..]);
    }

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsAccelerated => X86Aes.IsSupported || ArmAes.IsSupported;

    /// <summary>The hash of a key's bytes.</summary>
    public ulong Hash(ReadOnlySpan<byte> bytes) => _usesAes ? HashByAes(bytes) : SipHash.Hash(bytes, _seed);

    /// <summary>Narrows a key to bytes in registers, if it is of the usual kind: 8 to 32 characters of ASCII.</summary>
    /// <param name="key">The key.</param>
    /// <param name="head">Its first 16 bytes; of a shorter key its first 8 and its last 8, which overlap.</param>
    /// <param name="tail">Its last 16 bytes, which overlap with the first ones; of a shorter key the same as <paramref name="head"/>.</param>
    /// <returns>Whether it was done; there are as many bytes as characters then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNarrow(ReadOnlySpan<char> key, out Vector128<byte> head, out Vector128<byte> tail)
    {
        head = tail = default;
        if (!_usesAes || key.Length < HalfLane || key.Length > MaxShortKey)
        {
            return false;
        }

        // None of these leaves the key: it has at least 8 characters, and in the second part more than 16.
        ref ushort units = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(key));
        Vector128<ushort> first = Vector128.LoadUnsafe(ref units);
        Vector128<ushort> last = Vector128.LoadUnsafe(ref units, (nuint)key.Length - HalfLane);
        if (key.Length <= LaneSize)
        {
            head = tail = Narrow(first, last);
            return IsAscii(first | last);
        }

        Vector128<ushort> second = Vector128.LoadUnsafe(ref units, HalfLane);
        Vector128<ushort> lastButOne = Vector128.LoadUnsafe(ref units, (nuint)key.Length - LaneSize);
        head = Narrow(first, second);
        tail = Narrow(lastButOne, last);
        return IsAscii(first | second | lastButOne | last);
    }

    /// <summary>What <see cref="Hash"/> returns for the bytes of a narrowed key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashNarrowed(Vector128<byte> head, Vector128<byte> tail, int length) =>
        Finish(Scramble(head ^ _first), Scramble(tail ^ _second), length);

    /// <summary>Whether bytes begin with a narrowed key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNarrowed(ReadOnlySpan<byte> bytes, Vector128<byte> head, Vector128<byte> tail, int length)
    {
        // Checked once; none of these leaves the key, since narrowed keys have at least 8 bytes, and in the second part more than 16.
        ArgumentOutOfRangeException.ThrowIfLessThan(length, HalfLane);
        ref byte key = ref MemoryMarshal.GetReference(bytes[..length]);
        nuint end = (nuint)length;
        return length <= LaneSize
            ? Unsafe.ReadUnaligned<ulong>(ref key) == head.AsUInt64().ToScalar()
                && Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref key, end - HalfLane)) == head.AsUInt64().GetElement(1)
            : Vector128.LoadUnsafe(ref key) == head && Vector128.LoadUnsafe(ref key, end - LaneSize) == tail;
    }

    // Of ASCII both are the same; packing is one instruction, and narrowing three.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector128<ushort> lower, Vector128<ushort> upper) =>
        Sse2.IsSupported ? Sse2.PackUnsignedSaturate(lower.AsInt16(), upper.AsInt16()) : Vector128.Narrow(lower, upper);

    private static bool IsAscii(Vector128<ushort> units) => (units & Vector128.Create((ushort)0xFF80)) == Vector128<ushort>.Zero;

    private static Vector128<byte> ReadShort(ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(bytes.Length <= LaneSize);
        if (bytes.Length >= HalfLane)
        {
            return Vector128.Create(MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<ulong>(bytes[^HalfLane..])).AsByte();
        }

        return Vector128.CreateScalar(SipHash.ReadTail(bytes)).AsByte();
    }

    private ulong HashByAes(ReadOnlySpan<byte> bytes)
    {
        Vector128<byte> a = _first;
        Vector128<byte> b = _second;
        int length = bytes.Length;
        if (length <= LaneSize)
        {
            Vector128<byte> all = ReadShort(bytes);
            return Finish(Scramble(a ^ all), Scramble(b ^ all), length);
        }

        while (bytes.Length > 2 * LaneSize)
        {
            a = Scramble(a ^ Vector128.Create(bytes));
            b = Scramble(b ^ Vector128.Create(bytes[LaneSize..]));
            bytes = bytes[(2 * LaneSize)..];
        }

        return bytes.Length > LaneSize
            ? Finish(Scramble(a ^ Vector128.Create(bytes)), Scramble(b ^ Vector128.Create(bytes[^LaneSize..])), length)
            : FinishRest(a, b, bytes, length);
    }

    private ulong FinishRest(Vector128<byte> a, Vector128<byte> b, ReadOnlySpan<byte> rest, int length)
    {
        Vector128<byte> all = ReadShort(rest);
        return Finish(Scramble(a ^ all), Scramble(b ^ all), length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> Scramble(Vector128<byte> lane) => Round(Round(Round(lane, _round), _round), _round);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Finish(Vector128<byte> a, Vector128<byte> b, int length)
    {
        // The length stands where one round spreads its low byte over the upper half of the result, which is what the index looks at.
        Vector128<byte> sum = a ^ b ^ Vector128.CreateScalar((ulong)length << 32).AsByte();
        return Round(sum, _first).AsUInt64().ToScalar();
    }

    // One round of AES as x86 defines it: substitute, shift rows, mix columns, add the key. Arm adds a key first, so it gets zeros there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Round(Vector128<byte> state, Vector128<byte> key)
    {
        if (X86Aes.IsSupported)
        {
            return X86Aes.Encrypt(state, key);
        }

        return ArmAes.IsSupported
            ? ArmAes.MixColumns(ArmAes.Encrypt(state, Vector128<byte>.Zero)) ^ key
            : throw new UnreachableException();
    }
}
