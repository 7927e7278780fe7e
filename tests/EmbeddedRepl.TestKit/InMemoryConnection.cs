using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.TestKit;

/// <summary>
/// One end of a connection without a socket. It keeps the promises of <see cref="IConnection"/>, bounded buffers included, so that a writer can be
/// made to wait; an abort is seen by both ends as a failure, as with a TCP reset.
/// </summary>
internal sealed class InMemoryConnection : IConnection
{
    /// <summary>Bytes that each direction holds before its writer waits, if nothing else is asked for.</summary>
    public const int DefaultCapacity = 64 << 10;

    private readonly InMemoryPipe _incoming;
    private readonly InMemoryPipe _outgoing;

    private InMemoryConnection(InMemoryPipe incoming, InMemoryPipe outgoing, string description)
    {
        _incoming = incoming;
        _outgoing = outgoing;
        Description = description;
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint => null;

    /// <inheritdoc/>
    public EndPoint? LocalEndPoint => null;

    /// <summary>Whether this end takes the other one for a process on the same machine; a test that wants a foreign peer sets it to false.</summary>
    public bool IsLoopbackPeer { get; set; } = true;

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>Bytes that wait for this end to read them.</summary>
    public int Available => _incoming.Count;

    /// <summary>Makes both ends of a new connection.</summary>
    /// <param name="capacity">Bytes that each direction holds before its writer waits.</param>
    public static (InMemoryConnection First, InMemoryConnection Second) CreatePair(int capacity = DefaultCapacity)
    {
        InMemoryPipe oneWay = new(capacity);
        InMemoryPipe otherWay = new(capacity);
        return (new InMemoryConnection(otherWay, oneWay, "second end"), new InMemoryConnection(oneWay, otherWay, "first end"));
    }

    /// <inheritdoc/>
    public bool TakesBytesNow => true;

    /// <inheritdoc/>
    public int Read(Span<byte> destination) => _incoming.Read(destination);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> source) => _outgoing.Write(source);

    /// <inheritdoc/>
    public void FinishWriting() => _outgoing.FinishWriting();

    /// <inheritdoc/>
    public void Abort()
    {
        _incoming.Abort();
        _outgoing.Abort();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _outgoing.FinishWriting();
        _incoming.CloseReader();
    }
}
