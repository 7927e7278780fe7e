using EmbeddedRepl.IntegrationTests.Nodes;
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

    private sealed class Recorded(RecordingConnector recorder, IConnection connection) : PassingConnection(connection)
    {
        public override int Read(Span<byte> destination)
        {
            int count = base.Read(destination);
            recorder.Record(destination[..count]);
            return count;
        }

        public override void Write(ReadOnlySpan<byte> source)
        {
            recorder.Record(source);
            base.Write(source);
        }
    }
}
