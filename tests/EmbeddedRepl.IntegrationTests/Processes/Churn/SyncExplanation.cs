using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.IntegrationTests.Processes.Churn;

/// <summary>
/// Goes through what one node noted of its syncs and asks of each whether the rules wanted it so, given which history really continued which. All
/// that it takes from the node is where it was; what its backlog holds follows from the full syncs that it received, if no stream was longer than the backlog.
/// </summary>
internal sealed class SyncExplanation(HistoryTree histories)
{
    private readonly Dictionary<string, SyncNote> _offers = [];
    private long _receivingFrom;
    private long _backlogFrom;

    /// <summary>Full syncs that were sent, each with a reason.</summary>
    public Dictionary<SyncReason, int> Full { get; } = [];

    public int Partial { get; private set; }

    /// <summary>Full syncs that arrived whole.</summary>
    public int Received { get; private set; }

    public void Explain(IReadOnlyList<SyncNote> notes)
    {
        foreach (SyncNote note in notes)
        {
            switch (note.Step)
            {
                case SyncStep.Decided:
                    ExplainDecision(note);
                    break;
                case SyncStep.Sending:
                    Assert.True(_offers.Remove(note.Peer, out SyncNote? offer), $"A full sync began that nobody decided: {note}.");
                    Full[offer.Reason] = Full.GetValueOrDefault(offer.Reason) + 1;
                    break;
                case SyncStep.Receiving:
                    _receivingFrom = note.StartOffset;
                    break;
                case SyncStep.Received:
                    _backlogFrom = _receivingFrom;
                    Received++;
                    break;
            }
        }
    }

    private void ExplainDecision(SyncNote note)
    {
        (SyncAnswer Answer, SyncReason Reason) due = Due(note);
        Assert.True(due == (note.Answer, note.Reason), $"The rules want {due.Answer} for {due.Reason}, with a backlog from {_backlogFrom} on, and this was decided: {note}.");
        _offers.Remove(note.Peer);
        if (note.Answer == SyncAnswer.Full)
        {
            _offers[note.Peer] = note;
        }

        Partial += note.Answer == SyncAnswer.Continue ? 1 : 0;
    }

    private (SyncAnswer Answer, SyncReason Reason) Due(SyncNote note)
    {
        if (note.AskedId.Length == 0)
        {
            return (SyncAnswer.Full, SyncReason.AskerHasNoHistory);
        }

        if (histories.Generations(note.Id, note.AskedId) is not (>= 0 and <= ReplicationHistory.MaxAncestors))
        {
            return (SyncAnswer.Full, SyncReason.UnknownId);
        }

        if (!histories.Contains(note.Id, note.AskedId, note.AskedOffset))
        {
            return (SyncAnswer.Full, SyncReason.BeyondAncestorEnd);
        }

        if (note.AskedOffset > note.Offset)
        {
            Assert.True(note.IsReplica, $"A master lacks the end of its own history: {note}.");
            return (SyncAnswer.NotNow, SyncReason.BeyondEnd);
        }

        return note.AskedOffset >= _backlogFrom ? (SyncAnswer.Continue, SyncReason.InBacklog) : (SyncAnswer.Full, SyncReason.OlderThanBacklog);
    }
}
