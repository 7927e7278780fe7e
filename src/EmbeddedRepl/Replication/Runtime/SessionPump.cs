using System.Buffers;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>The loops of one replica's connection, at the end that accepted it.</summary>
internal sealed class SessionPump : ConnectionPump
{
    /// <summary>A sender that waits is woken by the stream, by ticks and by closing; this is a safety net.</summary>
    private const long Patience = 1_000;

    private readonly MasterSession _session;
    private readonly SendGovernor _governor;
    private readonly Func<long> _pendingBytes;

    /// <summary>Opens the session. Under the gate.</summary>
    public SessionPump(NodeRuntime runtime, IConnection connection)
        : base(runtime, connection, $"session {connection.Description}")
    {
        _session = runtime.Core.Accept(connection.Description, connection.IsLoopbackPeer, Signal, runtime.Now());
        _governor = new SendGovernor(TimeProvider.System);
        _pendingBytes = () => _session.PendingBytes;
    }

    public bool IsIdentified => _session.IsIdentified;

    public MasterSession Session => _session;

    protected override PeerEndpoint Endpoint => _session;

    protected override bool NeedsSender => _session.IsAttached;

    protected override bool SendAll(ArrayBufferWriter<byte> output)
    {
        while (true)
        {
            output.ResetWrittenCount();
            _governor.BeforeSend(_pendingBytes);
            SendWork work;
            lock (Runtime.Gate)
            {
                work = _session.NextWork(output, Runtime.Now());
            }

            if (work.Kind == SendKind.Wait)
            {
                return false;
            }

            try
            {
                _session.Encode(work, output);
                Connection.Write(output.WrittenSpan);
            }
            finally
            {
                // Always, also when the connection broke: the piece of the stream that was being sent must not stay pinned.
                lock (Runtime.Gate)
                {
                    _session.Complete(work, Runtime.Now());
                }
            }

            _governor.Sent();
            if (work.Kind == SendKind.Close)
            {
                return true;
            }
        }
    }

    protected override long SenderPatience(Moment now) => Patience;
}
