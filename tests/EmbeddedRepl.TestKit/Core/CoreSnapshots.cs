using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Snapshots;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>Saves and loads the snapshot file of a core in the hands of one test thread.</summary>
internal static class CoreSnapshots
{
    public const string FileName = "test.snapshot";

    public static SnapshotFolder Folder(this MemorySnapshotDisk disk) => new(disk, FileName, "writer");

    public static SnapshotSave BeginSave(this CoreNode node, MemorySnapshotDisk disk) => new(node.Core, disk.Folder(), prepared: null, node.Now);

    /// <summary>Makes a whole save.</summary>
    /// <param name="node">What is saved.</param>
    /// <param name="disk">Where to.</param>
    /// <param name="between">Called before each step.</param>
    public static SnapshotSave Save(this CoreNode node, MemorySnapshotDisk disk, Action? between = null)
    {
        SnapshotSave save = node.BeginSave(disk);
        SaveProgress progress;
        do
        {
            between?.Invoke();
            progress = save.Step(node.Now);
        }
        while (progress == SaveProgress.Goes);
        return progress == SaveProgress.Done ? save : throw new InvalidOperationException($"{progress}: {save.Recording.AbandonedFor}");
    }

    /// <summary>Reads the file into a data set that is not served yet; null if there is none.</summary>
    public static LoadedSnapshot? Read(this CoreNode node, MemorySnapshotDisk disk) => new SnapshotFileReader(node.Core, disk.Folder()).Read(node.Now, () => false);

    /// <summary>Starts a master whose file is on the disk.</summary>
    public static CoreNode RestartMaster(this MemorySnapshotDisk disk, ManualTimeProvider time, NodeSettings? settings = null, int seed = 11)
    {
        var node = new CoreNode(time, settings, seed);
        node.Core.BeginLoading(ReplicationRole.Master);
        node.Core.FinishLoading(node.Read(disk), node.Now);
        node.Core.BeginAsMaster();
        node.Core.Tick(node.Now);
        return node;
    }

    /// <summary>Starts a replica whose file is on the disk.</summary>
    public static CoreNode RestartReplica(this MemorySnapshotDisk disk, ManualTimeProvider time, NodeSettings? settings = null, int seed = 12)
    {
        var node = new CoreNode(time, settings, seed);
        node.Core.BeginLoading(ReplicationRole.Replica);
        node.Follow();
        node.Core.FinishLoading(node.Read(disk), node.Now);
        node.Core.Tick(node.Now);
        return node;
    }
}
