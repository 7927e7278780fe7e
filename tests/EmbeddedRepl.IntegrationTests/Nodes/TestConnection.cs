using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A connection that passes everything on, counts the writes, and may claim to come from another machine.</summary>
internal sealed class TestConnection(IConnection inner, bool isForeign = false) : IConnection
{
    private long _writes;
    private long _bytesWritten;

    /// <summary>Calls of <see cref="Write"/> so far.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public bool IsLoopbackPeer => !isForeign && inner.IsLoopbackPeer;

    public string Description => inner.Description;

    public bool TakesBytesNow => inner.TakesBytesNow;

    public int Read(Span<byte> destination) => inner.Read(destination);

    public void Write(ReadOnlySpan<byte> source)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _bytesWritten, source.Length);
        inner.Write(source);
    }

    public void FinishWriting() => inner.FinishWriting();

    public void Abort() => inner.Abort();

    public void Dispose() => inner.Dispose();
}
