using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>The loops of one replica's connection, at the end that accepted it.</summary>
internal sealed class SessionPump : ConnectionPump, ICallersSender
{
    /// <summary>A sender that waits is woken by the stream, by ticks and by closing; this is a safety net.</summary>
    private const long Patience = 1_000;

    private readonly MasterSession _session;
    private readonly SendGovernor _governor;
    private readonly Func<long> _pendingBytes;
    private readonly List<MasterSession> _companions = [];

    /// <summary>Opens the session. Under the gate.</summary>
    public SessionPump(NodeRuntime runtime, IConnection connection)
        : base(runtime, connection, $"session {connection.Description}")
    {
        _session = runtime.Core.Accept(connection.Description, connection.IsLoopbackPeer, Signal, runtime.Now());
        _governor = new SendGovernor(TimeProvider.System);
        _pendingBytes = () => _session.PendingBytes;
        _session.CallersSender = this;
    }

    public bool IsIdentified => _session.IsIdentified;

    public MasterSession Session => _session;

    /// <inheritdoc/>
    public bool IsQuiet => _governor.IsQuiet;

    /// <inheritdoc/>
    void ICallersSender.SendHere() => SendHere(MaxSentByCaller);

    protected override PeerEndpoint Endpoint => _session;

    protected override bool NeedsSender => _session.IsAttached;

    protected override void BeforeSend()
    {
        _governor.BeforeSend(_pendingBytes);
        if (_session.HasCompanions)
        {
            SendForCompanions();
        }
    }

    // How many sessions there are is read without the gate: one more or less does not matter.
    protected override void AfterSend() => _governor.Sent(moreWaits: _pendingBytes() > 0, Runtime.Core.Sessions.Count);

    protected override long SenderPatience(Moment now) => Patience;

    /// <summary>Before it sends for itself, which may have to wait for its own replica.</summary>
    private void SendForCompanions()
    {
        lock (Runtime.Gate)
        {
            _session.TakeCompanions(_companions);
        }

        foreach (MasterSession companion in _companions)
        {
            companion.CallersSender!.SendHere();
        }

        _companions.Clear();
    }
}
