using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Tests.Replication;

public sealed class FullSyncConfirmationTests
{
    [Fact]
    public void Decide_ReplicaWithoutData_IsAccepted() =>
        Assert.Equal(ConfirmationReason.HoldsNoData, Decide(Histories.Begin(1), 50, Histories.Begin(2), 0, holdsData: false));

    [Theory]
    [InlineData(100, ConfirmationReason.OfferedHistoryIsNewer)]
    [InlineData(99, ConfirmationReason.OfferedHistoryIsNewer)]
    [InlineData(101, ConfirmationReason.ReplicaIsAhead)]
    internal void Decide_SameHistory_AcceptedUpToTheOfferedOffset(long ownOffset, ConfirmationReason expected) =>
        Assert.Equal(expected, Decide(Histories.Begin(1), ownOffset, Histories.Begin(1), 100));

    [Theory]
    [Trait("Behaviour", "B8")]
    [InlineData(AncestorEnd.Promotion, 100, ConfirmationReason.OfferedHistoryIsNewer)]
    [InlineData(AncestorEnd.Promotion, 101, ConfirmationReason.EndedByPromotion)]
    [InlineData(AncestorEnd.Restart, 100, ConfirmationReason.OfferedHistoryIsNewer)]
    [InlineData(AncestorEnd.Restart, 101, ConfirmationReason.ReplicaIsAhead)]
    internal void Decide_OnePastTheEndOfAnAncestor_DependsOnHowItEnded(AncestorEnd endedBy, long ownOffset, ConfirmationReason expected) =>
        Assert.Equal(expected, Decide(Histories.Begin(0), ownOffset, Histories.Line(1, endedBy), 500));

    [Fact]
    public void Decide_MasterRolledBackBehindAnIdOfTheReplica_IsRefused() =>
        Assert.Equal(ConfirmationReason.ReplicaIsAhead, Decide(Histories.Line(2), 300, Histories.Line(1), 150));

    [Fact]
    public void Decide_SameOriginAndOwnIdOffTheFullList_IsAccepted() =>
        Assert.Equal(ConfirmationReason.OfferedHistoryIsMuchNewer, Decide(Histories.Begin(0), 50, Histories.Line(17), 1_700));

    [Fact]
    public void Decide_SameOriginAndOwnIdMissingFromAListThatIsNotFull_IsRefused()
    {
        ReplicationHistory own = Histories.Begin(0).Continue(Histories.Id(50), 20, AncestorEnd.Promotion);

        Assert.Equal(ConfirmationReason.UnrelatedHistory, Decide(own, 50, Histories.Line(3), 1_700));
    }

    [Fact]
    public void Decide_SameOriginMuchNewerButShorter_IsRefused() =>
        Assert.Equal(ConfirmationReason.UnrelatedHistory, Decide(Histories.Begin(0), 1_701, Histories.Line(17), 1_700));

    [Fact]
    [Trait("Behaviour", "D13")]
    public void Decide_MasterWithAnotherHistory_IsRefused()
    {
        ConfirmationReason reason = Decide(Histories.Begin(1), 50, Histories.Begin(2), 1_000);

        Assert.Equal(ConfirmationReason.UnrelatedHistory, reason);
        Assert.False(FullSyncConfirmation.IsAccepted(reason));
    }

    [Fact]
    public void Decide_FullListOfAnotherOrigin_IsRefused()
    {
        var offered = new ReplicationHistory(Histories.Id(90), Histories.Id(77), Histories.Line(17).Ancestors);

        Assert.Equal(ConfirmationReason.UnrelatedHistory, Decide(Histories.Begin(200), 50, offered, 5_000));
    }

    [Theory]
    [InlineData(true, false, ConfirmationReason.Ordered)]
    [InlineData(false, true, ConfirmationReason.Overridden)]
    internal void Decide_OperatorDecided_AnotherHistoryIsAccepted(bool ordered, bool overridden, ConfirmationReason expected) => Assert.Equal(
        expected, FullSyncConfirmation.Decide(Histories.Begin(1), 50, true, ordered, Histories.Begin(2), 0, overridden));

    [Theory]
    [InlineData(ConfirmationReason.ReplicaIsAhead, false)]
    [InlineData(ConfirmationReason.UnrelatedHistory, false)]
    [InlineData(ConfirmationReason.HoldsNoData, true)]
    [InlineData(ConfirmationReason.OfferedHistoryIsNewer, true)]
    [InlineData(ConfirmationReason.OfferedHistoryIsMuchNewer, true)]
    [InlineData(ConfirmationReason.EndedByPromotion, true)]
    [InlineData(ConfirmationReason.Ordered, true)]
    [InlineData(ConfirmationReason.Overridden, true)]
    internal void IsAccepted_EveryReason_IsEitherConsentOrRefusal(ConfirmationReason reason, bool accepted) =>
        Assert.Equal(accepted, FullSyncConfirmation.IsAccepted(reason));

    private static ConfirmationReason Decide(
        ReplicationHistory own, long ownOffset, ReplicationHistory offered, long offeredOffset, bool holdsData = true) =>
        FullSyncConfirmation.Decide(own, ownOffset, holdsData, ordered: false, offered, offeredOffset, overridden: false);
}
