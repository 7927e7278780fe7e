using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Roles;

[Trait("Behaviour", "D5")]
public sealed class PromotionConditionTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _replica;

    public PromotionConditionTests()
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        _replica = CoreNode.Replica(_time);
        new CorePair(master, _replica).Pump();
    }

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(0, false, false)]
    [InlineData(1, true, false)]
    [InlineData(-1, true, false)]
    public void Promote_OnlyAtAnOffsetOfAnId_IsDoneThereAndRefusedElsewhere(int away, bool isOwnId, bool promotes)
    {
        ReplicationId before = _replica.Core.Data.History.Id;
        var options = new PromotionOptions { OnlyAtOffset = _replica.Offset + away, OnlyOfId = isOwnId ? before : Histories.Id(77) };
        if (promotes)
        {
            _replica.Core.Promote(options, _replica.Now);
            Assert.Equal(ReplicationRole.Master, _replica.Core.Role);
            return;
        }

        PromotionRefusedException refused = Assert.Throws<PromotionRefusedException>(() => _replica.Core.Promote(options, _replica.Now));
        Assert.Equal((before, _replica.Offset), (refused.ReplicationId, refused.ReplicationOffset));
        Assert.Equal((ReplicationRole.Replica, before, true), (_replica.Core.Role, _replica.Core.Data.History.Id, _replica.Core.IsLinkUp));
    }

    [Fact]
    public void Promote_RefusedByItsCondition_IsNotForced()
    {
        Assert.Throws<PromotionRefusedException>(
            () => _replica.Core.Promote(new PromotionOptions { Force = true, OnlyAtOffset = _replica.Offset + 1 }, _replica.Now));
        Assert.Equal(ReplicationRole.Replica, _replica.Core.Role);
    }

    [Fact]
    public void Promote_AskedForAgainByWhoeverDidNotHearTheAnswer_IsDone()
    {
        var options = new PromotionOptions { OnlyAtOffset = _replica.Offset, OnlyOfId = _replica.Core.Data.History.Id };
        _replica.Core.Promote(options, _replica.Now);
        ReplicationId id = _replica.Core.Data.History.Id;
        _replica.Set("more", "value");
        _replica.Core.Promote(options, _replica.Now);

        Assert.Equal(id, _replica.Core.Data.History.Id);
    }

    [Fact]
    public void Promote_MasterThatIsElsewhere_IsRefused()
    {
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Set("more", "value");

        Assert.Throws<PromotionRefusedException>(
            () => _replica.Core.Promote(new PromotionOptions { OnlyAtOffset = _replica.Offset - 1 }, _replica.Now));
    }

    [Fact]
    public void Options_NegativeOffset_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PromotionOptions { OnlyAtOffset = -1 });
}
