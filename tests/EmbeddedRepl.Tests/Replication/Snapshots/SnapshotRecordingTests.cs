using EmbeddedRepl.Persistence;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Snapshots;

public sealed class SnapshotRecordingTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemorySnapshotDisk _disk = new();

    [Fact]
    public void Save_EntriesOfEveryKind_LoadToTheSameDataHistoryAndOffset()
    {
        CoreNode node = Filled(100);
        long now = node.Now.UtcMilliseconds;
        node.Set("empty", []);
        node.Set("large", new byte[300_000]);
        node.Set("deadline", [1], new EntryExpiration(now + 5_000, 0, 0));
        node.Set("sliding", [2], new EntryExpiration(now + 5_000, 10_000, now + 60_000));
        node.Remove("key 7");

        node.Save(_disk);
        LoadedSnapshot loaded = Fresh().Read(_disk)!;

        AssertHolds(loaded.Data, node.Core.Data);
        Assert.Equal(node.Core.Data.History.Id, loaded.Data.History.Id);
        Assert.Equal(node.Core.Data.History.OriginId, loaded.Data.History.OriginId);
        Assert.Equal(node.Offset, loaded.Data.Offset);
        Assert.Equal(now, loaded.SavedAt);
        Assert.Null(loaded.LastMaster);
    }

    [Fact]
    public void Save_OfAnEmptyCache_LoadsEmpty()
    {
        CoreNode node = CoreNode.Master(_time);
        node.Save(_disk);

        LoadedSnapshot loaded = Fresh().Read(_disk)!;

        Assert.Equal(0, loaded.Data.Store.Count);
        Assert.Equal(node.Core.Data.History.Id, loaded.Data.History.Id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Behaviour", "H3")]
    public void Save_WhileEntriesAreSetRemovedAndCleared_LoadsToTheStateAtItsEnd(int seed)
    {
        var random = new Random(seed);
        CoreNode node = Filled(3_000, Settings());
        SnapshotSave save = node.BeginSave(_disk);
        (StoreDigest Digest, long Count, long Offset)? atEnd = null;
        SaveProgress progress;
        int steps = 0;
        do
        {
            for (int i = 0; i < 5 && atEnd is null; i++)
            {
                Change(node, random, mayClear: steps < 40);
            }

            progress = save.Step(node.Now);
            if (save.Recording.End is not null)
            {
                atEnd ??= (node.Digest, node.Core.Data.Store.Count, node.Offset);
                Change(node, random, mayClear: false);
            }

            steps++;
        }
        while (progress == SaveProgress.Goes);

        Assert.Equal(SaveProgress.Done, progress);
        LoadedSnapshot loaded = Fresh(Settings()).Read(_disk)!;
        Assert.Equal(atEnd!.Value, (loaded.Data.Store.Digest, loaded.Data.Store.Count, loaded.Data.Offset));
        Assert.NotEqual(node.Offset, loaded.Data.Offset);
        Assert.Equal(loaded.Data.Store.Recount(out long count), loaded.Data.Store.Digest);
        Assert.Equal(count, loaded.Data.Store.Count);
    }

    [Fact]
    [Trait("Behaviour", "H3")]
    public void Save_LargeValueChangedWhileItsPiecesAreWritten_LoadsTheNewOne()
    {
        CoreNode node = CoreNode.Master(_time, Settings());
        node.Set("large", new byte[100_000]);
        int steps = 0;

        node.Save(_disk, () =>
        {
            if (++steps == 5)
            {
                node.Set("large", [42]);
            }
        });

        DataSet loaded = Fresh(Settings()).Read(_disk)!.Data;
        AssertHolds(loaded, node.Core.Data);
    }

    [Fact]
    public void Save_WritesNeverStop_EndsAllTheSame()
    {
        CoreNode node = Filled(500, Settings());
        int i = 0;

        SnapshotSave save = node.Save(_disk, () => node.Set($"key {i++ % 500}", new byte[300]));

        Assert.True(save.Recording.IsWritten);
        Assert.Null(node.Core.Recording);
    }

    [Fact]
    public void Save_ThatMayNotEnd_HoldsUntilItMayAndThenHasEverything()
    {
        CoreNode node = Filled(10);
        SnapshotSave save = node.BeginSave(_disk);
        save.Recording.MayEnd = false;
        while (save.Step(node.Now) == SaveProgress.Goes)
        {
        }

        node.Set("late", [1]);
        while (save.Step(node.Now) == SaveProgress.Goes)
        {
        }

        node.Set("last", [2]);
        Assert.Null(save.Recording.End);
        save.Recording.MayEnd = true;
        while (save.Step(node.Now) != SaveProgress.Done)
        {
        }

        AssertHolds(Fresh().Read(_disk)!.Data, node.Core.Data);
    }

    [Fact]
    public void Save_DiskSlowerThanTheWrites_EndsWithThatReasonAndHoldsTheStreamNoLonger()
    {
        CoreNode node = Filled(100, Settings());
        node.Save(_disk);
        byte[] before = _disk[CoreSnapshots.FileName];
        SnapshotSave save = node.BeginSave(_disk);
        for (int i = 0; i < 1_000; i++)
        {
            node.Set("key", new byte[1_000]);
        }

        Assert.Equal(SaveProgress.Abandoned, save.Step(node.Now));
        Assert.Contains("ReplicaOutputLimit", save.Recording.AbandonedFor!, StringComparison.Ordinal);
        save.Discard("");
        Assert.Null(node.Core.Recording);
        Assert.InRange(node.Core.Data.Log.RetainedBytes, 0, 4 * StreamBlockPool.DefaultBlockSize);
        Assert.Equal([CoreSnapshots.FileName], _disk.Names);
        Assert.Equal(before, _disk[CoreSnapshots.FileName]);
    }

    [Fact]
    public void Save_OneValueLargerThanTheLimit_IsSaved()
    {
        CoreNode node = Filled(100, Settings());
        bool isSet = false;

        node.Save(_disk, () =>
        {
            if (!isSet)
            {
                isSet = true;
                node.Set("huge", new byte[1_000_000]);
            }
        });

        AssertHolds(Fresh(Settings()).Read(_disk)!.Data, node.Core.Data);
    }

    [Fact]
    public void Save_DataSetIsReplacedMeanwhile_IsAbandoned()
    {
        CoreNode node = Filled(1_000, Settings());
        SnapshotSave save = node.BeginSave(_disk);
        save.Step(node.Now);

        node.Core.Swap(node.Core.CreateDataSet(ReplicationHistory.Begin(ReplicationId.NewId()), 5, StoreSeed.NewSeed()), node.Now);

        Assert.Equal(SaveProgress.Abandoned, save.Step(node.Now));
        save.Discard("");
        Assert.Empty(_disk.Names);
    }

    [Fact]
    public void Save_PromotedMeanwhile_HasTheHistoryOfItsEnd()
    {
        CoreNode node = Filled(1_000, Settings());
        ReplicationId old = node.Core.Data.History.Id;
        node.Follow();
        SnapshotSave save = node.BeginSave(_disk);
        save.Step(node.Now);
        node.Core.Promote(force: false, node.Now);
        node.Set("as master", [1]);
        while (save.Step(node.Now) != SaveProgress.Done)
        {
        }

        ReplicationHistory history = Fresh(Settings()).Read(_disk)!.Data.History;
        Assert.Equal(node.Core.Data.History.Id, history.Id);
        Assert.Equal(node.Core.Data.History.Ancestors.AsEnumerable(), history.Ancestors);
        Assert.Equal(old, history.Ancestors[0].Id);
    }

    [Fact]
    [Trait("Behaviour", "H3")]
    public void Save_ReadsOfSlidingEntriesExtendThemLocally_FileIsAsWithoutThem()
    {
        CoreNode node = CoreNode.Master(_time);
        long now = node.Now.UtcMilliseconds;
        node.Set("sliding", [2], new EntryExpiration(now + 10_000, 10_000, 0));
        node.Save(_disk);
        byte[] before = _disk[CoreSnapshots.FileName];
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.NotNull(node.Get("sliding"));

        node.Save(_disk);

        Assert.Equal(Fresh().Read(_disk)!.Data.Store.Digest, node.Digest);
        Assert.Equal(before.Length, _disk[CoreSnapshots.FileName].Length);
    }

    /// <summary>Small limits, so that a small cache needs many pieces.</summary>
    internal static NodeSettings Settings() => new()
    {
        ChunkSize = 1_000,
        BacklogSize = 10_000,
        ReplicaOutputLimit = 500_000,
        ReplicaOutputSoftLimit = 500_000,
    };

    internal static void AssertHolds(DataSet actual, DataSet expected)
    {
        Assert.Equal(expected.Store.Digest, actual.Store.Digest);
        Assert.Equal(expected.Store.Count, actual.Store.Count);
        Assert.Equal(actual.Store.Recount(out long count), actual.Store.Digest);
        Assert.Equal(count, actual.Store.Count);
    }

    private static void Change(CoreNode node, Random random, bool mayClear)
    {
        string key = $"key {random.Next(4_000)}";
        switch (random.Next(200))
        {
            case 0 when mayClear:
                node.Core.Clear();
                break;
            case < 60:
                node.Remove(key);
                break;
            default:
                node.Set(key, new byte[random.Next(400)], random.Next(3) == 0 ? new EntryExpiration(node.Now.UtcMilliseconds + 1 + random.Next(1_000), 0, 0) : default);
                break;
        }
    }

    private CoreNode Filled(int count, NodeSettings? settings = null)
    {
        CoreNode node = CoreNode.Master(_time, settings);
        for (int i = 0; i < count; i++)
        {
            node.Set($"key {i}", BitConverter.GetBytes((long)i));
        }

        return node;
    }

    private CoreNode Fresh(NodeSettings? settings = null) => new(_time, settings, seed: 9);
}
