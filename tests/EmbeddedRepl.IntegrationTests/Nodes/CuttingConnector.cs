using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>
/// Opens real connections that break after a number of received bytes, which is asked for each connection anew. Unlike a proxy it leaves no
/// moment between two connections in which one could slip through uncut.
/// </summary>
internal sealed class CuttingConnector(Func<int, long?> cutAfter) : IConnector
{
    private readonly TcpConnector _connector = new();
    private int _connections;

    /// <summary>Connections that were opened.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public IConnection Connect(HostEndPoint target, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        IConnection connection = _connector.Connect(target, timeout, cancellationToken);
        long? limit = cutAfter(Interlocked.Increment(ref _connections));
        return limit is { } bytes ? new CutConnection(connection, bytes) : connection;
    }

    private sealed class CutConnection(IConnection connection, long bytesLeft) : PassingConnection(connection)
    {
        public override int Read(Span<byte> destination)
        {
            if (bytesLeft == 0)
            {
                Abort();
            }

            int count = base.Read(bytesLeft == 0 ? destination : destination[..(int)Math.Min(destination.Length, bytesLeft)]);
            bytesLeft -= count;
            return count;
        }
    }
}
