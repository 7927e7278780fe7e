using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>
/// What taking a stream in costs at the least: one thread reads bytes from a socket and applies them to a data set, store and backlog, as a replica's does. There are no frames, no
/// checksums, no acknowledgements, no gate that anyone else wants, and nobody is told.
/// </summary>
internal sealed class BareReplica : IDisposable
{
    private const int BufferSize = 64 << 10;
    private const long BacklogSize = 256L << 20;

    private TcpListener? _listener;
    private DataSet? _data;

    /// <summary>Prepares a data set with the first keys, and a place to be sent to.</summary>
    /// <returns>Its port.</returns>
    public string Listen(int keys)
    {
        _data = new DataSet(
            new CacheStore(new StoreOptions(), new StoreSeed(1, 2), TimeProvider.System, new Lock()),
            ReplicationHistory.None,
            new StreamLog(0, BacklogSize, isKept: true, new StreamBlockPool(StreamBlockPool.DefaultBlockSize, maxFreeBlocks: 64)));
        using var assembler = new RecordAssembler(BareStream.Limits, new StreamSink(_data));
        assembler.Feed(BareStream.Encode(keys, keys, seed: 0));
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        return ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Accepts one connection, applies so many bytes, and says so with a byte.</summary>
    /// <returns>How many records there were, and how many entries the data set has.</returns>
    public string Receive(int bytes)
    {
        long before = _data!.Changes;
        using Socket socket = _listener!.AcceptSocket();
        using var assembler = new RecordAssembler(BareStream.Limits, new StreamSink(_data));
        byte[] buffer = new byte[BufferSize];
        while (bytes > 0)
        {
            int received = socket.Receive(buffer);
            if (received == 0)
            {
                throw new InvalidOperationException("The sender closed the connection.");
            }

            assembler.Feed(buffer.AsSpan(0, received));
            bytes -= received;
        }

        socket.Send([1]);
        return string.Create(CultureInfo.InvariantCulture, $"{_data.Changes - before} {_data.Store.Count}");
    }

    public void Dispose() => _listener?.Dispose();
}
