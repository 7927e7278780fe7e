using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Tests.Replication.Roles;

/// <summary>Both decisions together, for those who stand at an id that went on under 1 to 17 others.</summary>
[Trait("Behaviour", "B8")]
public sealed class AncestorTests
{
    private const long End = 5_000;

    public static TheoryData<int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int>();
            foreach (int back in new[] { 1, 2, 16, 17 })
            {
                foreach (AncestorEnd endedBy in Enum.GetValues<AncestorEnd>())
                {
                    cases.Add(back, (int)endedBy, 0);
                    cases.Add(back, (int)endedBy, 1);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Asker_AtAnAncestor_ContinuesUpToItsEndAndPastItAsItEnded(int back, int end, int past)
    {
        var endedBy = (AncestorEnd)end;
        ReplicationHistory master = Histories.Line(17, endedBy);
        ReplicationHistory asker = Histories.Line(17 - back, endedBy);
        long offset = ((17 - back + 1) * 100) + past;
        SyncVerdict verdict = SyncDecision.Decide(master, 0, End, isReplica: false, asker.Id, offset);
        ConfirmationReason reason = FullSyncConfirmation.Decide(asker, offset, holdsData: true, ordered: false, master, End, overridden: false);

        (SyncAnswer, SyncReason) expected = back == 17
            ? (SyncAnswer.Full, SyncReason.UnknownId)
            : past == 0 ? (SyncAnswer.Continue, SyncReason.InBacklog) : (SyncAnswer.Full, SyncReason.BeyondAncestorEnd);
        Assert.Equal(expected, (verdict.Answer, verdict.Reason));
        if (back == 17)
        {
            // So much newer that the id is not listed any more: the end that it had cannot be known.
            Assert.Equal(ConfirmationReason.OfferedHistoryIsMuchNewer, reason);
        }
        else if (past == 1)
        {
            Assert.Equal(endedBy == AncestorEnd.Promotion ? ConfirmationReason.EndedByPromotion : ConfirmationReason.ReplicaIsAhead, reason);
        }
    }
}
