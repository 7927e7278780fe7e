using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication;

/// <summary>Room for one record without its value, on the stack if the key is short. Lives for one call.</summary>
internal ref struct RecordBuffer
{
    /// <summary>How many bytes the caller should offer on its stack.</summary>
    public const int StackSize = 512;

    private byte[]? _rented;

    public RecordBuffer(int keyLength, Span<byte> stack)
    {
        int max = RecordEncoder.MaxPrefixSize(keyLength);
        Bytes = max <= stack.Length ? stack : _rented = ArrayPool<byte>.Shared.Rent(max);
    }

    /// <summary>At least as many bytes as the largest record of such a key needs.</summary>
    public Span<byte> Bytes { get; }

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
