using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>A caller's conditional write on a replica (<c>Runtime/ForwardTask</c>); what became of it is told to the ledger.</summary>
internal sealed class ComparedCall(SimulatedProcess process, ComparisonLedger ledger, Comparison comparison, byte[] operations, int length)
    : ForwardedWrite(operations, length)
{
    protected override void OnEnded()
    {
        bool isAnswered = End is ForwardedWriteEnd.Done or ForwardedWriteEnd.NotHere;
        if (isAnswered && Status == WriteStatus.Conflict)
        {
            process.Situations.Count(SituationCatalogue.ForwardedComparison);
            process.Situations.Count(SituationCatalogue.CompareAndSetConflict);
            ledger.Conflicted(comparison, Id, Offset);
        }
        else if (isAnswered)
        {
            process.Situations.Count(SituationCatalogue.ForwardedComparison);
            process.Situations.Count(comparison.IsRemoval ? SituationCatalogue.CompareAndRemoveDone : SituationCatalogue.CompareAndSetDone);
            ledger.Succeeded(comparison, Id, Offset);
        }
        else if (End is ForwardedWriteEnd.NotSent or ForwardedWriteEnd.Stopped or ForwardedWriteEnd.Refused)
        {
            ComparisonLedger.NothingWritten(comparison);
        }
    }
}
