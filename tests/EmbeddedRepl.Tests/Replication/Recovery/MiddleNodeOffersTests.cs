using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using static EmbeddedRepl.Tests.Replication.Recovery.Recovered;

namespace EmbeddedRepl.Tests.Replication.Recovery;

/// <summary>A middle node whose master recovers has data, and a replica below offers other data or less. It takes what it passes on, so its own must not be lost for that.</summary>
[Trait("Behaviour", "D14")]
public sealed class MiddleNodeOffersTests
{
    private static readonly NodeSettings MiddleSettings = new() { BacklogSize = 4_096, RecoveryWindow = 3_000 };
    private static readonly NodeSettings MasterSettings = new() { RecoveryWindow = 1_000, RecoveryLimit = 4_000 };

    private readonly ManualTimeProvider _time = new();
    private readonly CoreNetwork _network;
    private readonly CoreNode _middle;
    private readonly CoreNode _leaf;
    private readonly CoreNode _older;
    private (ReplicationId Id, long Offset) _served;

    public MiddleNodeOffersTests()
    {
        _network = new CoreNetwork(_time);
        CoreNode master = _network.Add("master", CoreNode.Master(_time));
        _middle = Follow("middle", new CoreNode(_time, MiddleSettings, seed: 2), "master");
        _leaf = Follow("leaf", new CoreNode(_time, seed: 3), "master");
        _older = Follow("older", new CoreNode(_time, MasterSettings, seed: 4), "master");
        Write(master, "early");
        _network.Kill("older");
        Write(master, "later");
        _network.Kill("leaf");
        Write(master, "last");
        _network.Kill("master");
        _network.Kill("middle");
        Assert.True(_older.Offset < _leaf.Offset && _leaf.Offset < _middle.Offset);
        _network.Between = _ =>
        {
            (ReplicationId id, long offset) = (_middle.Core.Data.History.Id, _middle.Offset);
            Assert.False(id == _served.Id && offset < _served.Offset, $"Readers of the middle node went back from {_served.Offset} to {offset}.");
            _served = (id, offset);
        };
    }

    [Fact]
    public void OwnDataIsGivenUp_AnEarlierStateOfItIsNotHandedUp()
    {
        _middle.Follow(isOrdered: true, master: "other");
        _network.Add("middle", _middle);
        Below(_leaf);
        _older.BeginRecovery();
        CoreNode other = _network.Add("other", _older);
        _network.Run(10_000);

        Assert.Equal("value 9", other.GetText("early 9"));
        Assert.Null(other.GetText("later 0"));
        AssertEqual(other, _middle, _leaf);
    }

    [Fact]
    public void OwnDataIsGivenUpAndTheMasterHasNothing_TheOwnIsTaken()
    {
        _middle.Follow(isOrdered: true, master: "other");
        _network.Add("middle", _middle);
        Below(_leaf);
        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, MasterSettings, seed: 21));
        _network.Run(10_000);

        Assert.Equal("value 9", other.GetText("last 9"));
        AssertEqual(other, _middle, _leaf);
    }

    // What it has then is what its replica had, and no order gave that up.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OwnDataWasGivenUpAndMoreWasTakenFromBelow_ThatCountsAlsoAfterTheLinkBroke(bool isAllThere)
    {
        _leaf.Follow(isOrdered: true, master: "other");
        _network.Add("middle", _leaf);
        Below(_middle);
        _older.BeginRecovery();
        bool isCut = false;
        long before = _leaf.Offset;
        _network.Between = _ =>
        {
            if (!isCut && (isAllThere ? _leaf.Counters.RecoveriesTaken == 1 : _leaf.Offset > before))
            {
                isCut = true;
                _network.Kill("below");
                _network.Kill("middle");
            }
        };
        CoreNode other = _network.Add("other", _older);
        _network.Run(1_500);
        Assert.True(isCut && !other.Core.AcceptsWrites);

        _network.Add("middle", _leaf);
        _network.Run(10_000);

        Assert.Equal("value 9", other.GetText(isAllThere ? "last 9" : "later 9"));
        AssertEqual(other, _leaf);
    }

    [Fact]
    public void MiddleNodeStillWaitsForItsReplicas_AnEarlierStateOfItsOwnDataIsNotHandedUp()
    {
        Restarted();
        Below(_leaf);
        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, MasterSettings, seed: 21));
        _network.Run(10_000);

        Assert.Equal("value 9", other.GetText("last 9"));
        AssertEqual(other, _middle, _leaf);
    }

    [Fact]
    public void MiddleNodeStillWaitsForItsReplicas_OtherDataIsHandedUpWhenTheMasterCanWeighIt()
    {
        Restarted();
        CoreNode stranger = CoreNode.Master(_time, seed: 31);
        stranger.Set("strange", "value");
        Below(stranger);
        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, MasterSettings, seed: 21));
        _network.Run(10_000);

        Assert.Equal(RecoveryState.Undecided, other.Core.Recovery?.State);
        Assert.Equal("value 9", _middle.GetText("last 9"));
        Assert.Equal("value", stranger.GetText("strange"));
    }

    [Fact]
    public void MiddleNodeStillWaitsForItsReplicas_MoreOfTheSameDataIsHandedUpAtOnce()
    {
        _leaf.Core.LastFollowedMaster = null;
        _leaf.Follow(master: "other");
        _leaf.Core.BeginListening(_leaf.Now);
        _network.Add("middle", _leaf);
        _middle.Core.LastFollowedMaster = null;
        _middle.Follow(master: "middle");
        _network.Add("below", _middle);
        CoreNode other = _network.Add("other", CoreNode.RecoveringMaster(_time, MasterSettings with { RecoveryLimit = 3_000 }, seed: 21));
        _network.Run(2_500);
        Assert.Equal("value 9", other.GetText("last 9"));

        _network.Run(2_500);

        AssertEqual(other, _leaf, _middle);
    }

    private CoreNode Follow(string name, CoreNode node, string master)
    {
        node.Follow(master: master);
        return _network.Add(name, node);
    }

    /// <summary>A replica of the middle node, which was never told to replace its data.</summary>
    private void Below(CoreNode node)
    {
        node.Core.LastFollowedMaster = null;
        Follow("below", node, "middle");
    }

    /// <summary>The middle node has just begun to listen, with all its data, and was always meant to follow the other one.</summary>
    private void Restarted()
    {
        _middle.Core.LastFollowedMaster = null;
        _middle.Follow(master: "other");
        _middle.Core.BeginListening(_middle.Now);
        _network.Add("middle", _middle);
    }

    private void Write(CoreNode master, string what)
    {
        for (int i = 0; i < 10; i++)
        {
            master.Set($"{what} {i}", $"value {i}");
            master.Set($"{what} padding", new byte[1_000]);
        }

        _network.Run(200);
    }
}
