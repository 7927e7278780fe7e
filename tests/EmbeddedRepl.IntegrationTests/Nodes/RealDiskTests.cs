using EmbeddedRepl.Persistence;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>
/// Nodes whose snapshot file is on a disk that is really full, or really read-only. Others prove the same with a disk that is made up, at every byte.
/// </summary>
public sealed class RealDiskTests : IDisposable
{
    private const int Capacity = 1 << 20;
    private const string Probe =
        "[ $(id -u) = 0 ] || sudo='sudo -n'; folder=$(mktemp -d) && $sudo mount -t tmpfs -o size=64k embeddedrepl \"$folder\" && $sudo umount \"$folder\" && rmdir \"$folder\"";

    private readonly TempFolder _folder = new();

    private string FilePath => Path.Combine(_folder.FullName, "default.snapshot");

    public void Dispose() => _folder.Dispose();

    [ToolFact("sh", "-c", Probe)]
    [Trait("Behaviour", "G7")]
    public async Task Node_RealDiskIsFull_ReportsKeepsThePreviousFileAndSavesWhenItFitsAgain()
    {
        using var disk = new MountedFolder(_folder.FullName, Capacity);
        using (TestNode node = Start().Fill(600, 1_000))
        {
            await node.Node.SaveSnapshot();
            byte[] before = await File.ReadAllBytesAsync(FilePath);
            node.Fill(2_000, 1_000, "too much");

            Exception error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => node.Node.SaveSnapshot());

            Assert.Contains("previous file is as it was", error.Message, StringComparison.Ordinal);
            Assert.Contains("No space left", node.Info.Snapshot!.LastError, StringComparison.Ordinal);
            Assert.Equal((1L, 1L), (node.Info.Snapshot!.Saves, node.Info.Snapshot.FailedSaves));
            Assert.Equal(before, await File.ReadAllBytesAsync(FilePath));
            Assert.Equal(2_600, node.Info.EntryCount);
            node.Set("other", [2]);
            Assert.Equal([2], node.Get("other")!);

            // What was written of the failed one has been given back at once: the disk is full for others, too.
            Assert.DoesNotContain(Directory.GetFiles(_folder.FullName), file => file.Contains(".tmp-", StringComparison.Ordinal));
            node.Node.Clear();
            node.Fill(300, 1_000, "little");
            await node.Node.SaveSnapshot();
            Assert.Null(node.Info.Snapshot!.LastError);
        }

        using TestNode restarted = Start();
        Assert.Equal(300, restarted.Info.EntryCount);
        restarted.AssertSound();
    }

    [ToolFact("sh", "-c", Probe)]
    [Trait("Behaviour", "G7")]
    public async Task Node_RealDiskBecomesReadOnly_ReportsKeepsThePreviousFileAndSavesWhenItIsWritableAgain()
    {
        using var disk = new MountedFolder(_folder.FullName, Capacity);
        using TestNode node = Start().Fill(100, 1_000);
        await node.Node.SaveSnapshot();
        byte[] before = await File.ReadAllBytesAsync(FilePath);
        node.Set("other", [2]);

        disk.MakeReadOnly();
        Exception error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => node.Node.SaveSnapshot());

        Assert.Contains("previous file is as it was", error.Message, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", node.Info.Snapshot!.LastError, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(FilePath));
        node.Set("more", [3]);
        Assert.Equal([3], node.Get("more")!);
        disk.MakeWritable();
        await node.Node.SaveSnapshot();
        Assert.Equal((102L, null), (node.Info.Snapshot!.LastSavedEntries, node.Info.Snapshot.LastError));
    }

    [ToolFact("sh", "-c", Probe)]
    [Trait("Behaviour", "G7")]
    public void Start_RealDiskIsReadOnly_IsRefusedWithTheReason()
    {
        using var disk = new MountedFolder(_folder.FullName, Capacity);
        disk.MakeReadOnly();

        SnapshotFileException error = Assert.Throws<SnapshotFileException>(() => Start());

        Assert.Equal(SnapshotFileProblem.Unusable, error.Problem);
        Assert.Contains("Read-only file system", error.Message, StringComparison.Ordinal);
    }

    private TestNode Start() => TestNode.Master(options =>
    {
        options.SnapshotDirectory = _folder.FullName;
        options.SnapshotInterval = TimeSpan.Zero;
        options.SaveSnapshotOnStop = false;
    });
}
