using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

public sealed class SyncDecisionTests
{
    private const long First = 1_000;
    private const long End = 5_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decide_AskerWithoutHistory_IsOfferedAFullSyncThatIsNoRefusedPartial(bool isReplica)
    {
        SyncVerdict verdict = SyncDecision.Decide(Histories.Begin(1), First, End, isReplica, ReplicationId.None, End);

        Assert.Equal(new SyncVerdict(SyncAnswer.Full, SyncReason.AskerHasNoHistory), verdict);
        Assert.False(verdict.IsPartialRefused);
    }

    [Fact]
    [Trait("Behaviour", "B6")]
    public void Decide_UnknownId_IsAFullSyncAndCountedAsRefusedPartial()
    {
        SyncVerdict verdict = Decide(Histories.Begin(1), 7, End, isReplica: false);

        Assert.Equal(new SyncVerdict(SyncAnswer.Full, SyncReason.UnknownId), verdict);
        Assert.True(verdict.IsPartialRefused);
    }

    [Theory]
    [Trait("Behaviour", "B5")]
    [InlineData(First - 1, SyncAnswer.Full, SyncReason.OlderThanBacklog)]
    [InlineData(First, SyncAnswer.Continue, SyncReason.InBacklog)]
    [InlineData(End - 1, SyncAnswer.Continue, SyncReason.InBacklog)]
    [InlineData(End, SyncAnswer.Continue, SyncReason.InBacklog)]
    [InlineData(0, SyncAnswer.Full, SyncReason.OlderThanBacklog)]
    internal void Decide_OwnIdAtTheEndsOfTheBacklog_BothAreInclusive(long offset, SyncAnswer answer, SyncReason reason) =>
        Assert.Equal(new SyncVerdict(answer, reason), Decide(Histories.Begin(1), 1, offset, isReplica: false));

    [Theory]
    [Trait("Behaviour", "B6")]
    [InlineData(true, SyncAnswer.NotNow)]
    [InlineData(false, SyncAnswer.Full)]
    internal void Decide_OnePastTheEnd_AReplicaPutsOffAndAMasterOffers(bool isReplica, SyncAnswer answer) =>
        Assert.Equal(new SyncVerdict(answer, SyncReason.BeyondEnd), Decide(Histories.Begin(1), 1, End + 1, isReplica));

    [Theory]
    [Trait("Behaviour", "B8")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void Decide_AncestorUpToItsEnd_ContinuesAndOnePastItDoesNot(int back)
    {
        // 17 changes: the first id has fallen off the list, the 16th back is id 1, which ended at 200.
        ReplicationHistory history = Histories.Line(17);
        int id = 17 - back;
        long end = (id + 1) * 100;

        Assert.Equal(new SyncVerdict(SyncAnswer.Continue, SyncReason.InBacklog), SyncDecision.Decide(history, 0, End, false, Histories.Id(id), end));
        Assert.Equal(
            new SyncVerdict(SyncAnswer.Full, SyncReason.BeyondAncestorEnd),
            SyncDecision.Decide(history, 0, End, false, Histories.Id(id), end + 1));
    }

    [Fact]
    [Trait("Behaviour", "B8")]
    public void Decide_SeventeenthAncestorBack_IsUnknown() => Assert.Equal(
        new SyncVerdict(SyncAnswer.Full, SyncReason.UnknownId),
        SyncDecision.Decide(Histories.Line(17), 0, End, false, Histories.Id(0), 100));

    [Fact]
    public void Decide_AncestorInFrontOfTheBacklog_IsAFullSync() => Assert.Equal(
        new SyncVerdict(SyncAnswer.Full, SyncReason.OlderThanBacklog),
        SyncDecision.Decide(Histories.Line(1), First, End, false, Histories.Id(0), 100));

    private static SyncVerdict Decide(ReplicationHistory history, int id, long offset, bool isReplica) =>
        SyncDecision.Decide(history, First, End, isReplica, Histories.Id(id), offset);
}
