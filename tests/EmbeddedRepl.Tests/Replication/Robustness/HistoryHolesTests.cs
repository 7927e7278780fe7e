using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Tests.Replication.Robustness;

public sealed class HistoryHolesTests
{
    [Fact]
    public void Confirmation_MasterRestartedWithAFileFromBeforeItsPromotion_ItsLossIsNotTakenForAPromotion()
    {
        // Id 0 was ended at 100 by a promotion; the promoted node then lost [80, 100) in a restart. A replica that still follows
        // id 0 and has 90 holds bytes of the line that the restart lost: a full sync would make the loss final.
        ReplicationHistory offered = ReplicationHistory.Begin(Id(0))
            .Continue(Id(1), 100, AncestorEnd.Promotion)
            .Continue(Id(2), 80, AncestorEnd.Restart);

        Assert.Equal(ConfirmationReason.ReplicaIsAhead, Decide(ReplicationHistory.Begin(Id(0)), 90, offered, 500));
    }

    [Fact]
    public void Confirmation_APromotionCutsALineThatARestartHadEnded_ExtraBytesAreThoseOfAPromotion()
    {
        ReplicationHistory offered = ReplicationHistory.Begin(Id(0))
            .Continue(Id(1), 100, AncestorEnd.Restart)
            .Continue(Id(2), 80, AncestorEnd.Promotion);

        Assert.Equal(ConfirmationReason.EndedByPromotion, Decide(ReplicationHistory.Begin(Id(0)), 90, offered, 500));
    }

    [Fact]
    public void Confirmation_OwnLineBranchedOffFromAListedAncestor_IsNotTakenForAnOldOne()
    {
        // The replica's own id never stood on the offered line: it was promoted from an id that is still listed there.
        ReplicationHistory offered = ReplicationHistory.Begin(Id(0));
        for (int i = 1; i <= 20; i++)
        {
            offered = offered.Continue(Id(i), i * 100, AncestorEnd.Promotion);
        }

        ReplicationHistory own = ReplicationHistory.Begin(Id(0)).Continue(Id(10), 1_000, AncestorEnd.Promotion)
            .Continue(Id(99), 1_050, AncestorEnd.Promotion);

        Assert.Equal(ConfirmationReason.UnrelatedHistory, Decide(own, 1_200, offered, 5_000));
        Assert.Equal(ConfirmationReason.OfferedHistoryIsMuchNewer, Decide(ReplicationHistory.Begin(Id(0)), 50, offered, 5_000));
    }

    private static ConfirmationReason Decide(ReplicationHistory own, long ownOffset, ReplicationHistory offered, long offeredOffset) =>
        FullSyncConfirmation.Decide(own, ownOffset, holdsData: true, ordered: false, offered, offeredOffset, overridden: false);

    private static ReplicationId Id(int number)
    {
        byte[] bytes = new byte[ReplicationId.Size];
        bytes[0] = 1;
        bytes[^1] = (byte)number;
        return new ReplicationId(bytes);
    }
}
