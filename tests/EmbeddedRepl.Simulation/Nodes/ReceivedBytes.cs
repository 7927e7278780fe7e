using System.Buffers;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>What has arrived and was not yet taken as a frame.</summary>
internal sealed class ReceivedBytes
{
    private byte[] _bytes = new byte[1024];
    private int _start;
    private int _end;

    public ReadOnlySequence<byte> Bytes => new(_bytes, _start, _end - _start);

    public void Add(byte[] piece)
    {
        if (_end + piece.Length > _bytes.Length)
        {
            byte[] target = _end - _start + piece.Length > _bytes.Length / 2 ? new byte[(_end - _start + piece.Length) * 2] : _bytes;
            _bytes.AsSpan(_start.._end).CopyTo(target);
            _bytes = target;
            _end -= _start;
            _start = 0;
        }

        piece.CopyTo(_bytes, _end);
        _end += piece.Length;
    }

    public void Consume(int count) => _start += count;

    public void Clear() => _start = _end = 0;
}
