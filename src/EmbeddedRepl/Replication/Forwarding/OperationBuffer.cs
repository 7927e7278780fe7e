using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>Gathers the operations of one request in memory from the shared pool. Used by one thread, once.</summary>
internal ref struct OperationBuffer
{
    private byte[] _bytes;

    /// <param name="capacity">Bytes to begin with; it grows.</param>
    public OperationBuffer(int capacity) => _bytes = capacity == 0 ? [] : ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes gathered.</summary>
    public int Length { get; private set; }

    public void AddSet(string key, in ReadOnlySequence<byte> value, in WriteExpiration expiration)
    {
        using var keyBuffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        int valueLength = checked((int)value.Length);
        (long absolute, long relative, long window) = DeadlineClock.ToWire(expiration);
        Span<byte> free = Reserve(RecordEncoder.MaxPrefixSize(keyBuffer.Bytes.Length) + valueLength);
        int prefix = OperationEncoder.EncodeSetPrefix(free, keyBuffer.Bytes, valueLength, absolute, relative, window);
        value.CopyTo(free[prefix..]);
        Length += prefix + valueLength;
    }

    public void AddRemove(string key)
    {
        using var keyBuffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        Length += RecordEncoder.EncodeRemove(Reserve(RecordEncoder.MaxPrefixSize(keyBuffer.Bytes.Length)), keyBuffer.Bytes);
    }

    public void AddCompareAndSet(string key, ReadOnlySpan<byte> value, EntryVersion expected, in WriteExpiration expiration)
    {
        using var keyBuffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        (long absolute, long relative, long window) = DeadlineClock.ToWire(expiration);
        Span<byte> free = Reserve(OperationEncoder.MaxPrefixSize(keyBuffer.Bytes.Length) + value.Length);
        int prefix = OperationEncoder.EncodeCompareAndSetPrefix(free, keyBuffer.Bytes, expected, value.Length, absolute, relative, window);
        value.CopyTo(free[prefix..]);
        Length += prefix + value.Length;
    }

    public void AddCompareAndRemove(string key, EntryVersion expected)
    {
        using var keyBuffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        Length += OperationEncoder.EncodeCompareAndRemove(Reserve(OperationEncoder.MaxPrefixSize(keyBuffer.Bytes.Length)), keyBuffer.Bytes, expected);
    }

    public void AddClear() => Length += RecordEncoder.EncodeClear(Reserve(RecordEncoder.MaxPrefixSize(0)));

    /// <summary>Hands the memory over; the receiver gives it back to the shared pool.</summary>
    public (byte[] Bytes, int Length) Take()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        return (bytes, Length);
    }

    /// <summary>Gives back what was not taken.</summary>
    public void Release() => Return(Take().Bytes);

    private Span<byte> Reserve(int size)
    {
        if (_bytes.Length - Length < size)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + size, (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
