using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Model;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>A caller's forwarded write (<c>Runtime/ForwardTask</c>); what became of it is told to the ledger.</summary>
internal sealed class ForwardedCall(SimulatedProcess process, WriteLedger ledger, byte[] operations, int length, int first, string[] keys)
    : ForwardedWrite(operations, length)
{
    /// <summary>Where the caller is.</summary>
    public SimulatedProcess Process { get; } = process;

    /// <summary>The number of its first operation in the ledger.</summary>
    public int First { get; } = first;

    /// <summary>The keys that its operations set, in their order.</summary>
    public string[] Keys { get; } = keys;

    public bool IsOver => State == ForwardedWriteState.Ended || Process.IsDead;

    /// <summary>Whether its caller was told, so that it may rely on it, that nothing was written.</summary>
    public bool SaysNotWritten => State == ForwardedWriteState.Ended && (End switch
    {
        ForwardedWriteEnd.NotSent or ForwardedWriteEnd.Stopped => true,
        ForwardedWriteEnd.Refused => Keys.Length == 1,
        ForwardedWriteEnd.Cancelled => SentBytes == 0,
        _ => false,
    });

    public override string ToString() => $"write {First} of {Process.Name}, life {Process.Life}, {State} {End} {Status}";

    protected override void OnEnded() => ledger.Ended(this);
}
