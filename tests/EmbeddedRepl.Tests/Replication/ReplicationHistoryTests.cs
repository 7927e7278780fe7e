using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

public sealed class ReplicationHistoryTests
{
    [Fact]
    public void Continue_SeventeenTimes_KeepsTheNewestSixteenAncestors()
    {
        ReplicationHistory history = Histories.Line(17);

        Assert.Equal(16, history.Ancestors.Length);
        Assert.Equal(Histories.Id(17), history.Id);
        Assert.Equal(Histories.Id(16), history.Ancestors[0].Id);
        Assert.Equal(Histories.Id(1), history.Ancestors[15].Id);
        Assert.False(history.TryFindAncestor(Histories.Id(0), out _));
    }

    [Fact]
    public void Continue_Always_KeepsTheOrigin() => Assert.Equal(Histories.Id(0), Histories.Line(40).OriginId);

    [Fact]
    public void Continue_BeforeTheEndOfAnAncestor_ClampsItsEnd()
    {
        // A full sync can hand over a history whose ancestors end later than the point that is promoted.
        ReplicationHistory history = Histories.Line(3).Continue(Histories.Id(9), 150, AncestorEnd.Promotion);

        Assert.Equal([150, 150, 150, 100], history.Ancestors.Select(ancestor => ancestor.EndOffset));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(99, false)]
    [InlineData(100, false)]
    [InlineData(101, false)]
    public void Contains_NoId_IsOnNoLine(long offset, bool expected) =>
        Assert.Equal(expected, Histories.Line(1).Contains(ReplicationId.None, offset));

    [Theory]
    [InlineData(0, 100, true)]
    [InlineData(0, 101, false)]
    [InlineData(1, 200, true)]
    [InlineData(1, 201, false)]
    [InlineData(2, 1_000_000, true)]
    [InlineData(7, 0, false)]
    public void Contains_AncestorUpToItsEnd_IsOnTheLine(int id, long offset, bool expected) =>
        Assert.Equal(expected, Histories.Line(2).Contains(Histories.Id(id), offset));

    [Fact]
    public void None_ContainsNothing() => Assert.False(ReplicationHistory.None.Contains(ReplicationId.None, 0));
}
