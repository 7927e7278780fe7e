using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Snapshots;

public sealed class SaveScheduleTests
{
    private readonly CoreNode _node = CoreNode.Master(new ManualTimeProvider());

    private DataSet Data => _node.Core.Data;

    [Fact]
    public void IsDue_NothingChanged_Never()
    {
        SaveSchedule schedule = Saved(interval: 1_000, afterChanges: 1);
        _node.Advance(1_000_000);

        Assert.False(schedule.IsDue(Data, _node.Now));
        Assert.True(schedule.IsUnchanged(Data));
    }

    [Fact]
    public void IsDue_ChangedAndTheIntervalIsOver_Then()
    {
        SaveSchedule schedule = Saved(interval: 10_000);
        _node.Set("key", "value");
        _node.Advance(9_999);
        Assert.False(schedule.IsDue(Data, _node.Now));

        _node.Advance(1);
        Assert.True(schedule.IsDue(Data, _node.Now));
    }

    [Fact]
    public void IsDue_EnoughChanges_AtOnceButNotSoonerThanTheLastSaveTook()
    {
        SaveSchedule schedule = Saved(afterChanges: 3, duration: 5_000);
        _node.Set("key", "1");
        _node.Set("key", "2");
        _node.Advance(5_000);
        Assert.False(schedule.IsDue(Data, _node.Now));
        Assert.Equal(2, schedule.ChangesSince(Data));

        _node.Set("key", "3");
        Assert.True(schedule.IsDue(Data, _node.Now));
        Save(schedule, duration: 5_000);
        _node.Set("key", "4");
        _node.Set("key", "5");
        _node.Set("key", "6");
        _node.Advance(4_999);
        Assert.False(schedule.IsDue(Data, _node.Now));
        _node.Advance(1);
        Assert.True(schedule.IsDue(Data, _node.Now));
    }

    [Fact]
    public void IsDue_ManyChangesAfterAFastSave_NotWithinTheMinimumSpacing()
    {
        SaveSchedule schedule = Saved(afterChanges: 1, duration: 2);
        _node.Set("key", "1");
        _node.Advance(SaveSchedule.MinSpacing - 1);
        Assert.False(schedule.IsDue(Data, _node.Now));

        _node.Advance(1);
        Assert.True(schedule.IsDue(Data, _node.Now));
    }

    [Fact]
    public void IsDue_BothTurnedOff_NeverHoweverMuchChanges()
    {
        SaveSchedule schedule = Saved();
        _node.Set("key", "1");
        _node.Advance(100_000_000);

        Assert.False(schedule.IsDue(Data, _node.Now));
        Assert.False(schedule.IsUnchanged(Data));
    }

    [Fact]
    [Trait("Behaviour", "H7")]
    public void IsDue_DataSetWasReplaced_AtOnceEvenIfEverythingIsTurnedOff()
    {
        SaveSchedule schedule = Saved();
        _node.Advance(SaveSchedule.MinSpacing);

        _node.Core.Swap(_node.Core.CreateDataSet(ReplicationHistory.Begin(ReplicationId.NewId()), 5, Data.Store.Seed), _node.Now);

        Assert.True(schedule.IsDue(Data, _node.Now));
    }

    [Fact]
    public void IsDue_OnlyTheIdChanged_AtTheInterval()
    {
        SaveSchedule schedule = Saved(interval: 10_000);
        _node.Core.TakeHistory(Data.History.Continue(ReplicationId.NewId(), Data.Offset, EmbeddedRepl.Protocol.AncestorEnd.Promotion));
        _node.Advance(10_000);

        Assert.True(schedule.IsDue(Data, _node.Now));
    }

    [Fact]
    public void IsDue_NodeWithoutHistory_Never()
    {
        var node = new CoreNode(_node.Time, seed: 5);
        SaveSchedule schedule = new(Settings(interval: 1, afterChanges: 1));
        schedule.Begin(node.Core.Data, ReplicationHistory.None, node.Now);
        _node.Advance(10_000);

        Assert.False(schedule.IsDue(node.Core.Data, node.Now));
    }

    [Fact]
    [Trait("Behaviour", "G7")]
    public void Failed_AgainAndAgain_PausesDoubleUpToAMinuteAndASaveResetsThem()
    {
        SaveSchedule schedule = Saved(interval: 1);
        _node.Set("key", "value");
        List<long> pauses = [];
        for (int i = 0; i < 9; i++)
        {
            long pause = schedule.Failed(_node.Now);
            pauses.Add(pause);
            _node.Advance(pause - 1);
            Assert.False(schedule.IsDue(Data, _node.Now));
            _node.Advance(1);
            Assert.True(schedule.IsDue(Data, _node.Now));
        }

        Assert.Equal([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000], pauses);
        Save(schedule, duration: 0);
        Assert.Equal(1_000, schedule.Failed(_node.Now));
    }

    private static SnapshotSettings Settings(long interval = 0, long afterChanges = 0) =>
        new() { Directory = "d", FileName = "f", Interval = interval, AfterChanges = afterChanges };

    private SaveSchedule Saved(long interval = 0, long afterChanges = 0, long duration = 0)
    {
        SaveSchedule schedule = new(Settings(interval, afterChanges));
        schedule.Begin(Data, ReplicationHistory.None, _node.Now);
        Save(schedule, duration);
        return schedule;
    }

    private void Save(SaveSchedule schedule, long duration) => schedule.Saved(Data, Data.History, Data.Offset, Data.Changes, duration, _node.Now);
}
