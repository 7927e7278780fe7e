using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A connection that passes everything on, counts the writes, and may claim to come from another machine.</summary>
internal sealed class TestConnection(IConnection inner, bool isForeign = false) : PassingConnection(inner)
{
    private long _writes;
    private long _bytesWritten;

    /// <summary>Calls of <see cref="Write"/> so far.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    public override bool IsLoopbackPeer => !isForeign && base.IsLoopbackPeer;

    public override void Write(ReadOnlySpan<byte> source)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _bytesWritten, source.Length);
        base.Write(source);
    }
}
