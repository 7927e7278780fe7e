using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>
/// A master that speaks the protocol on a real socket and offers each connection a full sync, but says in it what a test wants. Each
/// connection gets the next script; the last one is repeated.
/// </summary>
internal sealed class ScriptedMaster : IDisposable
{
    private readonly TcpTransportListener _listener = TcpTransportListener.Open(new HostEndPoint("127.0.0.1", 0))[0];
    private readonly ReplicationId _id = ReplicationId.NewId();
    private readonly RunId _runId = RunId.NewId();
    private readonly Action<IBufferWriter<byte>>[] _scripts;
    private readonly Thread _thread;
    private IConnection? _current;
    private int _connections;

    /// <param name="helloChange">What the first connection is told in the handshake; null for the truth.</param>
    /// <param name="scripts">Write what follows the start of a full sync.</param>
    public ScriptedMaster(Func<HelloReplyFrame, HelloReplyFrame>? helloChange, params Action<IBufferWriter<byte>>[] scripts)
    {
        HelloChange = helloChange;
        _scripts = scripts;
        _thread = new Thread(Run) { IsBackground = true, Name = "Scripted master" };
        _thread.Start();
    }

    public const long StartOffset = 1_000;

    public ReplicationId Id => _id;

    public string EndPoint => HostEndPoint.From(_listener.LocalEndPoint).ToString();

    public int Connections => Volatile.Read(ref _connections);

    private Func<HelloReplyFrame, HelloReplyFrame>? HelloChange { get; }

    public void Dispose()
    {
        _listener.Dispose();
        Volatile.Read(ref _current)?.Abort();
        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            try
            {
                using IConnection connection = _listener.Accept();
                Volatile.Write(ref _current, connection);
                int number = Interlocked.Increment(ref _connections);
                Serve(connection, number);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // The replica hung up, as it should.
            }
        }
    }

    private void Serve(IConnection connection, int number)
    {
        var handshake = new MasterHandshake(new NodeSettings(), _runId, SystemNodeRandom.Instance, () => []);
        var received = new ReceiveBuffer(FrameHeader.Size + FrameLimits.Control);
        var output = new ArrayBufferWriter<byte>();
        while (true)
        {
            ReadOnlySequence<byte> buffer = received.Buffer;
            long before = buffer.Length;
            while (FrameReader.TryRead(ref buffer, FrameLimits.Control, out FrameType type, out ReadOnlySequence<byte> payload))
            {
                Answer(handshake, type, payload, number, output);
            }

            received.Advance(before - buffer.Length);
            connection.Write(output.WrittenSpan);
            output.ResetWrittenCount();
            if (received.Fill(connection) == 0)
            {
                return;
            }
        }
    }

    private void Answer(MasterHandshake handshake, FrameType type, in ReadOnlySequence<byte> payload, int number, ArrayBufferWriter<byte> output)
    {
        if (type == FrameType.Hello && number == 1 && HelloChange is not null)
        {
            var reply = new HelloReplyFrame(HandshakeRules.MakeHello(new NodeSettings(), new byte[ProtocolLimits.NonceSize]), DemandsPassword: false);
            FrameWriter.Write(output, HelloChange(reply));
        }
        else if (type is FrameType.Hello or FrameType.Authenticate or FrameType.Identify)
        {
            handshake.Receive(type, payload, output);
        }
        else if (type == FrameType.SyncRequest)
        {
            FrameWriter.Write(output, new FullSyncOfferFrame(_id, _id, StartOffset, [], Override: false));
        }
        else if (type == FrameType.FullSyncAccept)
        {
            FrameWriter.Write(output, new FullSyncStartFrame(_id, _id, [], StartOffset, ScriptedSnapshot.Seed.ToWire(), ScriptedSnapshot.Entries, 0));
            _scripts[Math.Min(number, _scripts.Length) - 1](output);
        }
    }
}
