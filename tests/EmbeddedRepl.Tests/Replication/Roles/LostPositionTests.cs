using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication.Roles;

[Trait("Behaviour", "D3")]
public sealed class LostPositionTests
{
    private static readonly ReplicationHistory Promoted = Histories.Begin(1).Continue(Histories.Id(2), 100, AncestorEnd.Promotion);

    [Theory]
    [InlineData(90, 0)]
    [InlineData(100, 0)]
    [InlineData(130, 30)]
    public void BytesBeyond_OldMasterOfThePromotedOne_AreThoseAfterThePromotion(long own, long expected) =>
        Assert.Equal(expected, LostPosition.BytesBeyond(Histories.Begin(1), own, Promoted, 500));

    [Theory]
    [InlineData(500, 0)]
    [InlineData(501, 1)]
    public void BytesBeyond_SameId_AreThoseBeyondItsEnd(long own, long expected) =>
        Assert.Equal(expected, LostPosition.BytesBeyond(Promoted, own, Promoted, 500));

    [Fact]
    public void BytesBeyond_TwoThatWereBothPromoted_AreThoseAfterTheParting()
    {
        ReplicationHistory other = Histories.Begin(1).Continue(Histories.Id(3), 60, AncestorEnd.Promotion);

        Assert.Equal(140 - 60, LostPosition.BytesBeyond(Promoted, 140, other, 500));
    }

    [Fact]
    public void BytesBeyond_IdThatWasNotReachedYet_AreThoseThatAreThere()
    {
        // Told that its line goes on under another id from 100 on, and cut off at 70.
        Assert.Equal(0, LostPosition.BytesBeyond(Promoted, 70, Histories.Begin(1), 500));
        Assert.Equal(60, LostPosition.BytesBeyond(Histories.Begin(1), 130, Promoted, 70));
    }

    [Fact]
    public void BytesBeyond_NothingInCommon_IsNotANumber()
    {
        Assert.Null(LostPosition.BytesBeyond(Promoted, 140, Histories.Begin(9), 500));
        Assert.Null(LostPosition.BytesBeyond(ReplicationHistory.None, 0, Histories.Begin(9), 500));
    }
}
