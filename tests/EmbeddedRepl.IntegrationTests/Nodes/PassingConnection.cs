using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A connection that passes everything on to another one; what derives from it changes or notes a part of that.</summary>
internal abstract class PassingConnection(IConnection inner) : IConnection
{
    public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public virtual bool IsLoopbackPeer => inner.IsLoopbackPeer;

    public string Description => inner.Description;

    public virtual bool TakesBytesNow => inner.TakesBytesNow;

    public void Open() => inner.Open();

    public virtual int Read(Span<byte> destination) => inner.Read(destination);

    public virtual void Write(ReadOnlySpan<byte> source) => inner.Write(source);

    public void FinishWriting() => inner.FinishWriting();

    public void Abort() => inner.Abort();

    public void Dispose() => inner.Dispose();
}
