using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>Waits, connects, runs the connection, begins again (<c>Runtime/LinkLoop</c>).</summary>
internal sealed class LinkLoopDriver(SimulatedProcess process, VirtualNetwork network)
{
    private const long LongestWait = 1_000;

    private LinkDriver? _driver;
    private long _waitNumber;

    public SimulatedSignal Signal { get; } = new();

    /// <summary>Set once, before the loop starts.</summary>
    public ReplicaLinkKeeper? Keeper { get; set; }

    public bool IsFinished { get; private set; }

    public LinkDriver? Driver => _driver;

    public void Start() => process.After(process.StepCost(), Loop);

    public void AbortIfOverdue(Moment now) => _driver?.AbortIfOverdue(now);

    private void Loop()
    {
        long wait;
        bool connect;
        lock (process.Core.Gate)
        {
            Moment now = process.Now();
            if (Keeper!.IsStopped)
            {
                IsFinished = true;
                return;
            }

            wait = Math.Min(LongestWait, Keeper.NextAttemptAt - now.Milliseconds);
            connect = Keeper.ShouldConnect(now);
            if (connect)
            {
                Keeper.BeginConnect();
            }
        }

        if (connect)
        {
            network.Connect(process, Keeper.Target, Connected, ConnectFailed);
            return;
        }

        long number = ++_waitNumber;
        process.After(Math.Max(1, wait) * 1000, () =>
        {
            if (number == _waitNumber && Signal.StopWaiting())
            {
                Loop();
            }
        });
        Signal.Wait(() => process.After(process.StepCost(), Loop));
    }

    private void Connected(VirtualConnection connection)
    {
        _driver = new LinkDriver(process, Keeper!, connection, () =>
        {
            _driver = null;
            process.After(process.StepCost(), Loop);
        });
        _driver.Start();
    }

    private void ConnectFailed(string reason)
    {
        lock (process.Core.Gate)
        {
            Keeper!.ConnectFailed(reason, process.Now());
        }

        process.After(process.StepCost(), Loop);
    }
}
