using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Snapshots;

public sealed class SnapshotCrashTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    [Trait("Behaviour", "H5")]
    public void Save_MachineCrashesAtAnyOperation_ThePreviousOrTheNewFileIsWhole()
    {
        int newOnes = 0;
        int oldOnes = 0;
        for (int operation = 1; operation <= 20; operation++)
        {
            for (int seed = 0; seed < 8; seed++)
            {
                var disk = new MemorySnapshotDisk();
                CoreNode node = CoreNode.Master(_time);
                node.Set("key", "old");
                node.Save(disk);
                StoreDigest old = node.Digest;
                node.Set("key", "new");
                disk.FailsFrom = disk.Operations + operation;
                SaveUntilTheDiskFails(node, disk);

                disk.Crash(new Random(seed));
                LoadedSnapshot loaded = new CoreNode(_time, seed: 9).Read(disk)!;

                bool isNew = loaded.Data.Store.Digest == node.Digest;
                Assert.True(isNew || loaded.Data.Store.Digest == old, $"operation {operation}, seed {seed}");
                newOnes += isNew ? 1 : 0;
                oldOnes += isNew ? 0 : 1;
            }
        }

        Assert.NotEqual(0, newOnes);
        Assert.NotEqual(0, oldOnes);
    }

    [Fact]
    [Trait("Behaviour", "H5")]
    public void Save_CrashAfterItWasReported_TheNewFileIsThere()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var disk = new MemorySnapshotDisk();
            CoreNode node = CoreNode.Master(_time);
            node.Save(disk);
            node.Set("key", "new");
            node.Save(disk);

            disk.Crash(new Random(seed));

            Assert.Equal(node.Digest, new CoreNode(_time, seed: 9).Read(disk)!.Data.Store.Digest);
        }
    }

    [Fact]
    [Trait("Behaviour", "H5")]
    public void Open_AfterACrashWhileSaving_RemovesWhatWasLeftAndNothingElse()
    {
        var disk = new MemorySnapshotDisk();
        disk[CoreSnapshots.FileName] = [1];
        disk[CoreSnapshots.FileName + ".tmp-dead"] = [2];
        disk["other.snapshot.tmp-alive"] = [3];

        using SnapshotFolder folder = disk.Folder();

        Assert.Equal([CoreSnapshots.FileName + ".tmp-dead"], folder.Open());
        Assert.Equal([CoreSnapshots.FileName, "other.snapshot.tmp-alive"], disk.Names);
    }

    [Fact]
    [Trait("Behaviour", "G7")]
    public void Save_DiskRunsFullAtAnyByte_ThePreviousFileIsAsItWasAndTheRestIsGivenBack()
    {
        var disk = new MemorySnapshotDisk();
        CoreNode node = CoreNode.Master(_time, SnapshotRecordingTests.Settings());
        for (int i = 0; i < 50; i++)
        {
            node.Set($"key {i}", new byte[100]);
        }

        node.Save(disk);
        byte[] before = disk[CoreSnapshots.FileName];
        for (int room = 0; room < before.Length; room += 97)
        {
            disk.Capacity = before.Length + room;
            SnapshotSave save = node.BeginSave(disk);
            IOException full = Assert.Throws<IOException>(() =>
            {
                while (save.Step(node.Now) != SaveProgress.Done)
                {
                }
            });
            save.Discard(full.Message);

            Assert.Equal(before, disk[CoreSnapshots.FileName]);
            Assert.Equal([CoreSnapshots.FileName], disk.Names);
            Assert.Null(node.Core.Recording);
            node.Set("key 1", new byte[room % 90]);
        }

        Assert.InRange(node.Core.Data.Log.RetainedBytes, 0, 4 * EmbeddedRepl.Replication.StreamBlockPool.DefaultBlockSize);
        disk.Capacity = long.MaxValue;
        node.Save(disk);
        Assert.Equal(node.Digest, new CoreNode(_time, SnapshotRecordingTests.Settings(), seed: 9).Read(disk)!.Data.Store.Digest);
    }

    private static void SaveUntilTheDiskFails(CoreNode node, MemorySnapshotDisk disk)
    {
        try
        {
            node.Save(disk);
        }
        catch (IOException)
        {
            // The machine is about to crash, so nobody cleans up.
        }
    }
}
