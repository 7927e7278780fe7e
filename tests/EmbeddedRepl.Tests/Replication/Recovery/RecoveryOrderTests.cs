using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Recovery;

/// <summary>Which of two data sets a restarted master goes on from. Letters name ids; all come from one origin.</summary>
public sealed class RecoveryOrderTests
{
    private static int _seed;

    [Fact]
    public void Compare_SameId_TheOffsetDecides()
    {
        AssertAhead(Of("A", 11), Of("A", 10));
        Assert.Equal(LineRelation.Same, RecoveryOrder.Compare(Of("A", 10), Of("A", 10)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Compare_OneGoesOnFromTheOther_IsAhead(bool byPromotion)
    {
        AncestorEnd endedBy = byPromotion ? AncestorEnd.Promotion : AncestorEnd.Restart;
        AssertAhead(Of("B", 30, new Left("A", 20, endedBy)), Of("A", 20));
        AssertAhead(Of("B", 30, new Left("A", 20, endedBy)), Of("A", 5));
        AssertAhead(Of("C", 30, new Left("B", 25, endedBy), new Left("A", 20, endedBy)), Of("A", 20));
    }

    [Fact]
    public void Compare_PromotedLine_BeatsTheLineThatItLeft()
    {
        AssertAhead(Of("B", 30, new Left("A", 20, AncestorEnd.Promotion)), Of("A", 99));
        AssertAhead(Of("B", 20, new Left("A", 20, AncestorEnd.Promotion)), Of("A", 21));
        AssertAhead(Of("C", 30, new Left("B", 25, AncestorEnd.Restart), new Left("A", 20, AncestorEnd.Promotion)), Of("A", 21));
    }

    [Fact]
    public void Compare_RestartThatLostBytesAndWroteOthers_IsUnrelatedToThem() =>
        AssertUnrelated(Of("B", 30, new Left("A", 20, AncestorEnd.Restart)), Of("A", 21));

    [Fact]
    public void Compare_RestartThatLostBytesAndWroteNothing_IsBehindThem()
    {
        AssertAhead(Of("A", 21), Of("B", 20, new Left("A", 20, AncestorEnd.Restart)));
        AssertAhead(Of("A", 21), Of("C", 20, new Left("B", 20, AncestorEnd.Restart), new Left("A", 20, AncestorEnd.Restart)));
        Assert.Equal(LineRelation.Same, RecoveryOrder.Compare(Of("A", 20), Of("B", 20, new Left("A", 20, AncestorEnd.Restart))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Compare_NodeThatHasTheIdButNotYetItsFirstByte_IsWhereItsDataIs(bool byPromotion)
    {
        // It was told that the line goes on as B from 20 on, and was cut off before it got there.
        AncestorEnd endedBy = byPromotion ? AncestorEnd.Promotion : AncestorEnd.Restart;
        AssertAhead(Of("A", 14), Of("B", 12, new Left("A", 20, endedBy)));
        AssertAhead(Of("B", 14, new Left("A", 20, endedBy)), Of("A", 12));
        AssertAhead(Of("A", 99), Of("B", 12, new Left("A", 20, endedBy)));
        AssertAhead(Of("A", 14), Of("C", 12, new Left("B", 25, endedBy), new Left("A", 20, endedBy)));
        AssertAhead(Of("C", 30, new Left("A", 20, endedBy)), Of("B", 12, new Left("A", 20, endedBy)));
        Assert.Equal(LineRelation.Same, RecoveryOrder.Compare(Of("A", 12), Of("B", 12, new Left("A", 20, endedBy))));
    }

    [Fact]
    public void Compare_TwoLinesThatLeftAThird_AreUnrelated()
    {
        AssertUnrelated(Of("B", 30, new Left("A", 20, AncestorEnd.Promotion)), Of("C", 30, new Left("A", 20, AncestorEnd.Promotion)));
        AssertUnrelated(Of("A", 10), Of("B", 10));
    }

    [Fact]
    public void Compare_SameIdAndOffsetButOtherData_IsUnrelated()
    {
        AssertUnrelated(Of("A", 10), Of("A", 10) with { Digest = 7 });
        AssertUnrelated(Of("A", 10), Of("A", 10) with { EntryCount = 7 });
    }

    [Fact]
    public void Choose_OneIsAheadOfAll_IsTakenInAnyOrder()
    {
        RecoveryCandidate old = Of("A", 99);
        RecoveryCandidate lost = Of("B", 40, new Left("A", 20, AncestorEnd.Promotion));
        RecoveryCandidate best = Of("C", 50, new Left("B", 30, AncestorEnd.Promotion), new Left("A", 20, AncestorEnd.Promotion));

        foreach (RecoveryCandidate[] order in (RecoveryCandidate[][])[[old, lost, best], [best, lost, old], [lost, best, old]])
        {
            Assert.Same(best, RecoveryOrder.Choose(order).Best);
        }
    }

    [Fact]
    public void Choose_Equals_TheFirstIsTaken()
    {
        RecoveryCandidate own = Of("A", 10);

        Assert.Same(own, RecoveryOrder.Choose([own, Of("A", 10), Of("A", 3)]).Best);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void Choose_TwoLines_TakesNoneAndNamesThem()
    {
        RecoveryCandidate first = Of("A", 10);
        RecoveryCandidate second = Of("B", 90);
        RecoveryChoice choice = RecoveryOrder.Choose([first, Of("A", 5), second]);

        Assert.Null(choice.Best);
        Assert.Equal((first, second), choice.Conflict);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void Furthest_TwoLines_IsTheMostAdvancedOfEach()
    {
        RecoveryCandidate own = Of("A", 10);
        RecoveryCandidate strange = Of("B", 90);
        RecoveryCandidate further = Of("A", 30);
        RecoveryCandidate promoted = Of("C", 20, new Left("A", 15, AncestorEnd.Promotion));

        Assert.Equal((further, strange), RecoveryOrder.Furthest((own, strange), [own, strange, further]));
        Assert.Equal((promoted, strange), RecoveryOrder.Furthest((own, strange), [own, further, strange, promoted]));
        Assert.Equal((strange, promoted), RecoveryOrder.Furthest((strange, own), [promoted, own, further, strange]));
        Assert.Equal((own, strange), RecoveryOrder.Furthest((own, strange), [own, strange]));
    }

    [Fact]
    public void Furthest_OneThatIsPastBoth_StandsForNeither()
    {
        // A third line keeps all of them from being taken; the two that were found stay the two that are named.
        RecoveryCandidate first = Of("A", 10);
        RecoveryCandidate second = Of("B", 30, new Left("O", 20, AncestorEnd.Restart));
        RecoveryCandidate both = Of("C", 40, new Left("A", 5, AncestorEnd.Promotion), new Left("B", 5, AncestorEnd.Promotion));

        Assert.Equal((first, second), RecoveryOrder.Furthest((first, second), [first, second, both]));
    }

    [Fact]
    public void Choose_UnrelatedCandidateWithoutEntries_IsNoObstacle()
    {
        RecoveryCandidate empty = Of("B", 90) with { EntryCount = 0 };
        RecoveryCandidate full = Of("A", 10);

        Assert.Same(full, RecoveryOrder.Choose([empty, full]).Best);
        Assert.Same(full, RecoveryOrder.Choose([full, empty]).Best);
    }

    [Fact]
    public void Choose_Nobody_IsNoConflict() => Assert.Equal(default, RecoveryOrder.Choose([]));

    private static void AssertAhead(RecoveryCandidate first, RecoveryCandidate second)
    {
        Assert.Equal(LineRelation.FirstIsAhead, RecoveryOrder.Compare(first, second));
        Assert.Equal(LineRelation.SecondIsAhead, RecoveryOrder.Compare(second, first));
    }

    private static void AssertUnrelated(RecoveryCandidate first, RecoveryCandidate second)
    {
        Assert.Equal(LineRelation.Unrelated, RecoveryOrder.Compare(first, second));
        Assert.Equal(LineRelation.Unrelated, RecoveryOrder.Compare(second, first));
    }

    private static RecoveryCandidate Of(string id, long offset, params Left[] ancestors)
    {
        var history = new ReplicationHistory(
            Id(id), Id("O"), [.. ancestors.Select(ancestor => new Ancestor(Id(ancestor.Id), ancestor.End, ancestor.By))]);
        return new RecoveryCandidate(CoreNode.RunIdOf(++_seed), history, offset, EntryCount: 1, Digest: 1, RecoverySource.Memory);
    }

    private static ReplicationId Id(string name)
    {
        Span<byte> bytes = stackalloc byte[ReplicationId.Size];
        bytes.Fill((byte)name[0]);
        return new ReplicationId(bytes);
    }

    private readonly record struct Left(string Id, long End, AncestorEnd By);
}
