using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>Touches that go into one frame. Under the gate.</summary>
internal sealed class TouchBatch
{
    /// <summary>Bytes of keys in one frame, which has to fit into <see cref="FrameLimits.Control"/>; a single larger key does.</summary>
    private const int KeyBytes = 32 * 1024;

    private readonly List<KeyTouch> _touches = [];
    private int _keyBytes;

    public int Count => _touches.Count;

    public bool HasRoomFor(int keyLength) => _touches.Count == 0 || (_touches.Count < ProtocolLimits.Touches && _keyBytes + keyLength <= KeyBytes);

    public void Add(in KeyTouch touch)
    {
        _touches.Add(touch);
        _keyBytes += touch.Key.Length;
    }

    /// <summary>Writes the frame and begins the next one.</summary>
    /// <returns>Whether there was anything to write.</returns>
    public bool WriteTo(IBufferWriter<byte> output, RunId originator, long session)
    {
        if (_touches.Count == 0)
        {
            return false;
        }

        FrameWriter.Write(output, new TouchRequestFrame(originator, session, _touches));
        _touches.Clear();
        _keyBytes = 0;
        return true;
    }
}
