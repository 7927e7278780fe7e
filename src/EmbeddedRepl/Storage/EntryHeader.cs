using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The first 8 bytes of an entry, read and written as one word. The entry:
/// <code>
///  0  u32 value length | u16 key length | u8 flags | u8 not used
///  8  i64 version: replication offset of the last set
/// 16  u128 content hash
/// 32  i64 deadline, UTC ms                        only if it expires
/// 40  i64 sliding window | i64 absolute cap | i64 last change | i32 extension index     only if it slides
///     key bytes, value bytes
/// </code>
/// Without a sliding window nothing changes an entry but a set, so the last change is the version.
/// </summary>
internal readonly struct EntryHeader
{
    /// <summary>Size of the part that every entry has, in bytes.</summary>
    public const int BaseSize = 32;

    public const int VersionOffset = 8;
    public const int ContentHashOffset = 16;
    public const int DeadlineOffset = 32;
    public const int SlidingWindowOffset = 40;
    public const int AbsoluteCapOffset = 48;
    public const int LastChangeOffset = 56;
    public const int ExtensionOffset = 64;

    private const int ExpiringSize = 40;
    private const int SlidingSize = 68;
    private const int KeyLengthShift = 32;
    private const int FlagsShift = 48;
    private const int ExpiringFlag = 1;
    private const int SlidingFlag = 2;
    private const uint ExpiringBit = (uint)ExpiringFlag << (FlagsShift - KeyLengthShift);
    private const uint PlainMask = ushort.MaxValue | ExpiringBit | ((uint)SlidingFlag << (FlagsShift - KeyLengthShift));

    private readonly ulong _word;

    private EntryHeader(ulong word) => _word = word;

    /// <summary>Composes the header of a new entry.</summary>
    public EntryHeader(int keyLength, int valueLength, in EntryExpiration expiration)
    {
        ulong flags = (expiration.Deadline != 0 ? ExpiringFlag : 0u) | (expiration.IsSliding ? SlidingFlag : 0u);
        _word = (uint)valueLength | ((ulong)keyLength << KeyLengthShift) | (flags << FlagsShift);
    }

    public int ValueLength => (int)(uint)_word;

    public int KeyLength => (ushort)(_word >> KeyLengthShift);

    public bool Expires => (_word & ((ulong)ExpiringFlag << FlagsShift)) != 0;

    public bool IsSliding => (_word & ((ulong)SlidingFlag << FlagsShift)) != 0;

    /// <summary>Where the key begins.</summary>
    public int KeyOffset => !Expires ? BaseSize : IsSliding ? SlidingSize : ExpiringSize;

    /// <summary>Whether the key has that length and the entry does not slide, asked in one step.</summary>
    /// <param name="keyLength">Length of the key in bytes.</param>
    /// <param name="keyOffset">Where the key begins: at <see cref="BaseSize"/> if the entry does not expire either.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsPlainOf(int keyLength, out int keyOffset)
    {
        uint lengthAndFlags = (uint)(_word >> KeyLengthShift) & PlainMask;
        keyOffset = lengthAndFlags == (uint)keyLength ? BaseSize : ExpiringSize;
        return lengthAndFlags == (uint)keyLength || lengthAndFlags == ((uint)keyLength | ExpiringBit);
    }

    /// <summary>Size of the whole entry in bytes.</summary>
    public int EntrySize => KeyOffset + KeyLength + ValueLength;

    /// <summary>Reads the header of the entry that begins with <paramref name="entry"/>.</summary>
    public static EntryHeader Read(ReadOnlySpan<byte> entry) => new(MemoryMarshal.Read<ulong>(entry));

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> entry) => MemoryMarshal.Write(entry, _word);
}
