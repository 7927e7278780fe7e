using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Model;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>A caller's wait for a token (<c>Runtime/PositionTask</c>); how it ended is told to the ledger.</summary>
internal sealed class TokenWait(SimulatedProcess process, TokenLedger ledger, StreamPosition position, long deadline, HistoryModel history, string? key)
    : PositionWait(position, deadline)
{
    /// <summary>Where the caller waits.</summary>
    public SimulatedProcess Process { get; } = process;

    /// <summary>The history in which the position was taken.</summary>
    public HistoryModel History { get; } = history;

    /// <summary>The key that was written there; null if nothing was.</summary>
    public string? Key { get; } = key;

    /// <summary>What the node served when the wait ended.</summary>
    public StreamPosition Served { get; private set; }

    /// <summary>What the caller reads of <see cref="Key"/> when it is released; null for a miss.</summary>
    public byte[]? Read { get; private set; }

    /// <summary>Whether the node had gone another way when the wait ended, and nothing was under way that could bring it back.</summary>
    public bool WasLost { get; private set; }

    public bool IsOver => State != PositionWaitState.Waiting || Process.IsDead;

    public override string ToString() => $"wait for {Position.Id}:{Position.Offset} at {Process.Name}, life {Process.Life}, {State} at {Served.Id}:{Served.Offset}";

    protected override void OnEnded()
    {
        DataSet data = Process.Core.Data;
        Served = new StreamPosition(data.History.Id, data.Offset);
        WasLost = data.Find(Position) == PositionVerdict.Left && (Process.Core.IsSettledMaster || Process.Core.IsLinkUp);
        if (Key is not null)
        {
            data.Store.Get(ModelKey.ToKey(Key), out byte[]? value);
            Read = value;
        }

        ledger.Ended(this);
    }
}
