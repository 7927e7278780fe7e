using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// An entry where it lies. Under the gate all of it is exact. A reader without the gate has a checked header, so every part has its right
/// place and length, but the bytes may be overwritten while it reads: what was read counts only after the generation was checked again.
/// </summary>
internal readonly ref struct EntryView
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Creates the view.</summary>
    /// <param name="memory">Memory that begins with the entry and may go on behind it.</param>
    /// <param name="header">The entry's header, checked.</param>
    /// <param name="isDedicated">Whether the memory is this entry's alone and never reused.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EntryView(ReadOnlySpan<byte> memory, EntryHeader header, bool isDedicated)
    {
        _bytes = memory[..header.EntrySize];
        Header = header;
        IsDedicated = isDedicated;
    }

    public EntryHeader Header { get; }

    /// <summary>Whether the content stays as it is for as long as the view exists, whatever writers do.</summary>
    public bool IsDedicated { get; }

    public ReadOnlySpan<byte> Key => _bytes.Slice(Header.KeyOffset, Header.KeyLength);

    public ReadOnlySpan<byte> Value => _bytes[(Header.KeyOffset + Header.KeyLength)..];

    /// <summary>Key and value, as the content hash covers them.</summary>
    public ReadOnlySpan<byte> Content => _bytes[Header.KeyOffset..];

    public long Version => MemoryMarshal.Read<long>(_bytes[EntryHeader.VersionOffset..]);

    public UInt128 ContentHash => MemoryMarshal.Read<UInt128>(_bytes[EntryHeader.ContentHashOffset..]);

    /// <summary>The replicated deadline in UTC ms, 0 if the entry does not expire. Read at once, since a touch replaces it in place.</summary>
    public long Deadline => Header.Expires ? Volatile.Read(in MemoryMarshal.AsRef<long>(_bytes[EntryHeader.DeadlineOffset..])) : 0;

    public long SlidingWindow => Header.IsSliding ? MemoryMarshal.Read<long>(_bytes[EntryHeader.SlidingWindowOffset..]) : 0;

    public long AbsoluteCap => Header.IsSliding ? MemoryMarshal.Read<long>(_bytes[EntryHeader.AbsoluteCapOffset..]) : 0;

    public long LastChange => Header.IsSliding ? Volatile.Read(in MemoryMarshal.AsRef<long>(_bytes[EntryHeader.LastChangeOffset..])) : Version;

    /// <summary>Index into the extension table; only of a sliding entry.</summary>
    public int Extension => MemoryMarshal.Read<int>(_bytes[EntryHeader.ExtensionOffset..]);

    public EntryExpiration Expiration => new(Deadline, SlidingWindow, AbsoluteCap);

    /// <summary>A copy of the whole entry.</summary>
    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>Copies the whole entry.</summary>
    /// <param name="scratch">Receives it; replaced by a larger array if need be.</param>
    /// <returns>The copy, which stays what it is.</returns>
    public EntryView CopyTo(ref byte[] scratch)
    {
        if (scratch.Length < _bytes.Length)
        {
            scratch = new byte[Math.Max(_bytes.Length, scratch.Length * 2)];
        }

        _bytes.CopyTo(scratch);
        return new EntryView(scratch, Header, isDedicated: true);
    }

    /// <summary>The entry's share of the digest.</summary>
    public StoreDigest DigestShare(ulong digestSeed) => EntryHash.Of(ContentHash, Expiration, digestSeed);
}
