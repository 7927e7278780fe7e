using System.Buffers;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>The bytes of one input while they are made and mutated. Grows, and is used again for the next input.</summary>
internal sealed class InputBuffer : IBufferWriter<byte>
{
    /// <summary>No input is larger, so that mutations that double do not go on for ever.</summary>
    public const int MaxLength = 1 << 20;

    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public Span<byte> Span => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Add(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void Truncate(int length) => Length = length;

    /// <summary>Puts bytes into the middle.</summary>
    public void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > MaxLength)
        {
            return;
        }

        // The bytes may be a part of this buffer.
        byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(copy);
        int count = bytes.Length;
        GetSpan(count);
        Buffer.BlockCopy(_bytes, at, _bytes, at + count, Length - at);
        copy.AsSpan(0, count).CopyTo(_bytes.AsSpan(at));
        Length += count;
        ArrayPool<byte>.Shared.Return(copy);
    }

    public void Remove(int at, int count)
    {
        Buffer.BlockCopy(_bytes, at + count, _bytes, at, Length - at - count);
        Length -= count;
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length < Math.Max(count, 1))
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }
    }
}
