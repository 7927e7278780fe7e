using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Recovery;

/// <summary>A recovering master is offered data, and whoever offered it is gone before it was taken.</summary>
[Trait("Behaviour", "D14")]
public sealed class LostOffersTests
{
    private const long Window = 3_000;

    private readonly ManualTimeProvider _time = new();
    private readonly CoreNetwork _network;
    private readonly CoreNode _replica;
    private readonly CoreNode _other;
    private readonly CoreNode _older;

    public LostOffersTests()
    {
        _network = new CoreNetwork(_time);
        CoreNode master = _network.Add("master", CoreNode.Master(_time));
        _replica = Follow("replica", seed: 2);
        _other = Follow("other", seed: 7);
        _older = Follow("older", seed: 9);
        for (int i = 0; i < 50; i++)
        {
            master.Set($"key {i}", $"value {i}");
            if (i == 9)
            {
                _network.Run(200);
                _network.Kill("older");
            }
        }

        _network.Run(200);
        _network.Kill("master");
        _network.Kill("other");
        Assert.Equal(_replica.Digest, _other.Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MasterWithNothing_WaitsForItBeyondTheWindowAndSaysSo(bool isGivenUp)
    {
        if (isGivenUp)
        {
            _replica.Follow(isOrdered: true, master: "master");
        }

        CoreNode master = OfferedAndLost();
        Follow("another that has nothing", seed: 5);
        _network.Run(40_000);

        Assert.False(master.Core.AcceptsWrites);
        Assert.Equal(RecoveryState.Collecting, Info(master).RecoveryState);
        Assert.Contains("is gone", Info(master).RecoveryMessage, StringComparison.Ordinal);
        Assert.Contains("is gone", Assert.Throws<RecoveringMasterException>(() => master.Set("key", "value")).Message, StringComparison.Ordinal);
        Assert.Equal(1, master.Events.Count("RecoveryAwaiting"));

        _network.Add("replica", _replica);
        _network.Run(2_000);

        Assert.True(master.Core.AcceptsWrites, Info(master).RecoveryMessage);
        Assert.Equal("value 0", master.GetText("key 0"));
        Assert.Equal((master.Core.Data.History.Id, master.Digest), (_replica.Core.Data.History.Id, _replica.Digest));
        Assert.Null(Info(master).RecoveryMessage);
    }

    [Fact]
    public void MasterWithNothing_ItDoesNotComeBack_BeginsAtTheLimit()
    {
        CoreNode master = OfferedAndLost();
        _network.Run(master.Core.Settings.RecoveryLimit - 1_500);
        Assert.False(master.Core.AcceptsWrites);

        _network.Run(1_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal(0, master.Core.Data.Store.Count);
    }

    [Fact]
    public void MasterWithNothing_AnotherOffersSomething_TakesThatAfterTheWindow()
    {
        CoreNode master = OfferedAndLost();
        _network.Add("other", _other);

        _network.Run(Window + 500);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal("value 0", master.GetText("key 0"));
    }

    [Fact]
    public void MasterWithNothing_ItComesBackWithNothing_BeginsAfterTheWindow()
    {
        CoreNode master = OfferedAndLost();
        Assert.True(_replica.Core.Upstream!.MayHeal(_replica.Now));
        _network.Add("replica", _replica);

        _network.Run(Window);

        Assert.True(master.Core.AcceptsWrites);
    }

    [Fact]
    public void MasterWithNothing_AnOperatorDecides_BeginsAtOnce()
    {
        CoreNode master = OfferedAndLost();
        _network.Run(10_000);
        Assert.False(master.Core.AcceptsWrites);

        master.Core.OverrideRefusals();

        Assert.True(master.Core.AcceptsWrites);
    }

    // Had it stayed, an operator would have to decide.
    [Fact]
    public void MasterWithOtherData_WaitsAWindowAndGoesOnWithThat()
    {
        CoreNode master = CoreNode.Master(_time, seed: 31);
        master.Set("own", "value");
        master.BeginRecovery();
        OfferedAndLost(master);
        _network.Run(Window - 500);
        Assert.False(master.Core.AcceptsWrites);

        _network.Run(1_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Null(master.GetText("key 0"));
    }

    // If orders gave up both, the one that is gone could not even refuse to be replaced by less.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnotherHasLess_WaitsAWindowForWhoeverHasMore(bool areGivenUp)
    {
        _replica.Follow(areGivenUp, master: "master");
        _older.Follow(areGivenUp, master: "master");
        _network.Add("older", _older);
        CoreNode master = OfferedAndLost(CoreNode.RecoveringMaster(_time, seed: 21), others: 1);
        _network.Run(Window - 500);
        Assert.Equal((false, 0), (master.Core.AcceptsWrites, master.Core.Data.Store.Count));

        _network.Add("replica", _replica);
        _network.Run(1_000);

        Assert.Equal("value 49", master.GetText("key 49"));
        Assert.Equal((master.Core.Data.History.Id, master.Digest), (_older.Core.Data.History.Id, _older.Digest));
    }

    // Two that orders gave up are on different lines; who is gone has, of what nobody gave up, an earlier state of the one, which would decide it.
    [Fact]
    public void OnlyGivenUpDataIsThereOnTwoLines_WaitsForWhoeverWouldDecideBetweenThem()
    {
        CoreNode stranger = _network.MakeStranger();
        stranger.Follow(isOrdered: true, master: "master");
        _network.Add("stranger", stranger);
        _replica.Follow(isOrdered: true, master: "master");
        _older.Follow(master: "master");
        _network.Add("older", _older);
        CoreNode master = _network.Add("master", CoreNode.RecoveringMaster(_time, seed: 21));
        _network.Run(1_000);
        _network.Kill("older");
        _network.Run(Window - 500);
        Assert.Equal(RecoveryState.Collecting, Info(master).RecoveryState);

        _network.Add("older", _older);
        _network.Run(5_000);

        Assert.True(master.Core.AcceptsWrites, Info(master).RecoveryMessage);
        Assert.Equal("value 49", master.GetText("key 49"));
    }

    [Fact]
    public void Message_TheWaitIsOverAndSomebodyElseIsLoading_NoLongerSaysThatItWaits()
    {
        _other.Core.BeginLoading(ReplicationRole.Replica);
        _network.Add("other", _other);
        CoreNode master = OfferedAndLost(MasterWithAnOlderFile(), others: 1);
        _network.Run(2_500);
        _network.Kill("other");
        _network.Run(200);
        Assert.Contains("is gone", Info(master).RecoveryMessage, StringComparison.Ordinal);
        _network.Add("other", _other);

        _network.Run(2_000);

        Assert.Equal(RecoveryState.Collecting, Info(master).RecoveryState);
        Assert.DoesNotContain("is gone", Info(master).RecoveryMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void MasterWithAnOlderFile_WaitsAWindowForWhoeverHasMoreAndTakesIt()
    {
        CoreNode master = OfferedAndLost(MasterWithAnOlderFile());
        _network.Run(Window - 500);
        Assert.False(master.Core.AcceptsWrites);
        Assert.Contains("is gone", Info(master).RecoveryMessage, StringComparison.Ordinal);
        Assert.Equal(1, master.Events.Count("RecoveryAwaiting"));

        _network.Add("replica", _replica);
        _network.Run(1_000);

        Assert.True(master.Core.AcceptsWrites, Info(master).RecoveryMessage);
        Assert.Equal("value 49", master.GetText("key 49"));
        Assert.Equal((master.Core.Data.History.Id, master.Digest), (_replica.Core.Data.History.Id, _replica.Digest));
    }

    [Fact]
    public void MasterWithAnOlderFile_ItDoesNotComeBack_GoesOnWithTheFileWhenItsWindowIsOver()
    {
        CoreNode master = OfferedAndLost(MasterWithAnOlderFile());

        _network.Run(Window + 200);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal("value 9", master.GetText("key 9"));
        Assert.Null(master.GetText("key 10"));
    }

    [Fact]
    public void MasterWithAnOlderFile_ItIsLostShortlyBeforeHalfOfTheLimit_GoesOnThen()
    {
        CoreNode master = MasterWithAnOlderFile();
        long half = master.Core.Settings.RecoveryLimit / 2;
        _other.Core.BeginLoading(ReplicationRole.Replica);
        _network.Add("other", _other);
        _network.Add("master", master);
        _network.Run(half - 1_000);
        Assert.Contains(master.Core.Offers.All, offer => offer.Candidate.Holder == _replica.Core.RunId);
        _network.Kill("replica");
        _network.Kill("other");
        _network.Run(500);
        Assert.False(master.Core.AcceptsWrites);

        _network.Run(1_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Null(master.GetText("key 10"));
    }

    [Fact]
    public void OnlyGivenUpDataIsThere_WaitsForWhatNobodyGaveUpUntilHalfOfTheLimit()
    {
        CoreNode master = OfferedAndLost();
        _other.Follow(isOrdered: true, master: "master");
        _network.Add("other", _other);
        _network.Run((master.Core.Settings.RecoveryLimit / 2) - 2_000);
        Assert.False(master.Core.AcceptsWrites);
        Assert.Equal(1, master.Events.Count("RecoveryAwaiting"));

        _network.Run(2_000);

        Assert.True(master.Core.AcceptsWrites);
        Assert.Equal("value 0", master.GetText("key 0"));
    }

    private static ReplicationInfo Info(CoreNode node) => new ReplicationInfoBuilder(node.Core, node.Now).Build([]);

    private CoreNode MasterWithAnOlderFile()
    {
        _older.BeginRecovery();
        return _older;
    }

    private CoreNode OfferedAndLost() => OfferedAndLost(CoreNode.RecoveringMaster(_time, seed: 21));

    /// <summary>The replica says what it has within the first second, and is gone then.</summary>
    private CoreNode OfferedAndLost(CoreNode master, int others = 0)
    {
        _network.Add("master", master);
        _network.Run(1_000);
        Assert.Equal(others + 1, master.Core.Offers.All.Count);
        _network.Kill("replica");
        Assert.Equal(others, master.Core.Offers.All.Count);
        return master;
    }

    private CoreNode Follow(string name, int seed)
    {
        var node = new CoreNode(_time, seed: seed);
        node.Follow(master: "master");
        return _network.Add(name, node);
    }
}
