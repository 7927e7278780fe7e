using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>Keeps every byte that passes over the network.</summary>
internal sealed class RecordingConnector : IConnector
{
    private readonly List<byte> _bytes = [];
    private readonly Lock _lock = new();

    public byte[] Bytes
    {
        get
        {
            lock (_lock)
            {
                return [.. _bytes];
            }
        }
    }

    public IConnection Connect(HostEndPoint target, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        new Recorded(this, new TcpConnector().Connect(target, timeout, cancellationToken));

    private void Record(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _bytes.AddRange(bytes);
        }
    }

    private sealed class Recorded(RecordingConnector recorder, IConnection connection) : IConnection
    {
        public EndPoint? RemoteEndPoint => connection.RemoteEndPoint;

        public EndPoint? LocalEndPoint => connection.LocalEndPoint;

        public bool IsLoopbackPeer => connection.IsLoopbackPeer;

        public string Description => connection.Description;

        public bool TakesBytesNow => connection.TakesBytesNow;

        public int Read(Span<byte> destination)
        {
            int count = connection.Read(destination);
            recorder.Record(destination[..count]);
            return count;
        }

        public void Write(ReadOnlySpan<byte> source)
        {
            recorder.Record(source);
            connection.Write(source);
        }

        public void FinishWriting() => connection.FinishWriting();

        public void Abort() => connection.Abort();

        public void Dispose() => connection.Dispose();
    }
}
