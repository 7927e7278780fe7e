using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Finds the segment of an address. A segment is either shared by many entries or dedicated to one large entry; the latter's array is
/// never reused for anything else, so its content stays what it was for as long as somebody holds it.
/// Changed under the gate; <see cref="Find"/> needs no gate.
/// </summary>
internal sealed class SegmentTable
{
    private const int InitialCapacity = 16;

    private readonly Stack<int> _freeNumbers = new();
    private byte[]?[] _segments = new byte[]?[InitialCapacity];
    private int _nextNumber = 1;

    /// <summary>The number after the highest one in use.</summary>
    public int End => _nextNumber;

    /// <summary>Whether the array is dedicated to one entry.</summary>
    public static bool IsDedicated(byte[] segment) => segment.Length != EntryAddress.SegmentSize;

    /// <summary>The segment with that number, or null. Safe for readers with any number whatsoever: a stale slot may hold one that is gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte[]? Find(int number)
    {
        byte[]?[] segments = Volatile.Read(ref _segments);
        return (uint)number < (uint)segments.Length ? segments[number] : null;
    }

    /// <summary>The memory from an address to the end of its segment; for the writer.</summary>
    public Span<byte> From(long address) => _segments[EntryAddress.SegmentOf(address)].AsSpan(EntryAddress.OffsetOf(address));

    /// <summary>Refuses early what <see cref="Add"/> would refuse.</summary>
    /// <exception cref="StoreFullException">There is no number left.</exception>
    public void EnsureNumber()
    {
        if (_freeNumbers.Count == 0 && _nextNumber == StoreLimits.MaxSegments)
        {
            throw new StoreFullException($"The store has reached its limit of {StoreLimits.MaxSegments} segments.");
        }
    }

    /// <summary>Gives a segment a number.</summary>
    /// <exception cref="StoreFullException">There is no number left.</exception>
    public int Add(byte[] segment)
    {
        EnsureNumber();
        if (!_freeNumbers.TryPop(out int number))
        {
            number = _nextNumber++;
            if (number >= _segments.Length)
            {
                byte[]?[] larger = new byte[]?[Math.Min(_segments.Length * 2, StoreLimits.MaxSegments)];
                _segments.CopyTo(larger, 0);
                Volatile.Write(ref _segments, larger);
            }
        }

        _segments[number] = segment;
        return number;
    }

    /// <summary>Forgets all segments: no reader who looks from now on finds any. For the end of the data set.</summary>
    /// <returns>What there was.</returns>
    public byte[]?[] RemoveAll()
    {
        byte[]?[] segments = _segments;
        Volatile.Write(ref _segments, []);
        return segments;
    }

    /// <summary>Forgets a segment. Readers that hold it may go on reading it.</summary>
    public byte[] Remove(int number)
    {
        byte[] segment = _segments[number]!;
        _segments[number] = null;
        _freeNumbers.Push(number);
        return segment;
    }
}
