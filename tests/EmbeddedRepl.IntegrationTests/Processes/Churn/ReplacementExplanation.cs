using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.IntegrationTests.Processes.Churn;

/// <summary>
/// Asks of each full sync that a node received whether the rules let it replace what the node had: it must lose nothing, or somebody must have
/// decided that it loses it.
/// </summary>
internal sealed class ReplacementExplanation(HistoryTree histories)
{
    private bool _isOrdered;
    private SyncNote? _confirmed;

    /// <param name="notes">What the node noted.</param>
    /// <param name="masters">What the node behind a master's address noted.</param>
    public void Explain(IReadOnlyList<SyncNote> notes, Func<string, IReadOnlyList<SyncNote>> masters)
    {
        foreach (SyncNote note in notes)
        {
            switch (note.Step)
            {
                case SyncStep.Followed:
                    _isOrdered = true;
                    break;
                case SyncStep.Linked:
                    _isOrdered = false;
                    break;
                case SyncStep.Confirmed:
                    _confirmed = note;
                    break;
                case SyncStep.Receiving:
                    IReadOnlyList<SyncNote> sender = masters(note.Peer);
                    Assert.True(_confirmed?.Peer == note.Peer, $"A full sync began that nobody confirmed: {note}.");
                    Assert.True(IsAllowed(_confirmed!.Confirmation, note, sender), $"It must not be replaced for {_confirmed.Confirmation}: {note}.");

                    // What was decided was decided about what is really there.
                    Assert.True(
                        sender.Any(n => n is { Step: SyncStep.Decided, Answer: Replication.SyncAnswer.Full } && (n.AskedId, n.AskedOffset) == (note.Id, note.Offset)),
                        $"The master decided about something else than what was there: {note}.");
                    break;
            }
        }
    }

    private bool IsAllowed(ConfirmationReason reason, SyncNote note, IReadOnlyList<SyncNote> sender) => reason switch
    {
        ConfirmationReason.HoldsNoData => note.Offset == 0,
        ConfirmationReason.Ordered => _isOrdered,
        ConfirmationReason.OfferedHistoryIsNewer => histories.Contains(note.OfferedId, note.Id, note.Offset),
        ConfirmationReason.EndedByPromotion =>
            histories.Generations(note.OfferedId, note.Id) > 0 && !histories.Contains(note.OfferedId, note.Id, note.Offset),

        // Nobody overrides anything here, so the sender itself must have given up all that this node has.
        ConfirmationReason.Overridden => sender.Any(n => n.Step == SyncStep.Receiving && note.Offset <= n.Offset && n.Id.Length > 0 && histories.Contains(n.Id, note.Id, note.Offset)),
        _ => false,
    };
}
