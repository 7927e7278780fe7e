using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>The bytes of one key, on the stack if it is short. Lives for one call.</summary>
internal ref struct KeyBuffer
{
    /// <summary>How many bytes the caller should offer on its stack.</summary>
    public const int StackSize = 256;

    private readonly ReadOnlySpan<byte> _bytes;
    private byte[]? _rented;

    public KeyBuffer(string key, Span<byte> stack)
    {
        int max = key.Length * KeyCodec.MaxBytesPerChar;
        Span<byte> destination = max <= stack.Length ? stack : _rented = ArrayPool<byte>.Shared.Rent(max);
        _bytes = destination[..KeyCodec.Encode(key, destination)];
    }

    public readonly ReadOnlySpan<byte> Bytes => _bytes;

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
