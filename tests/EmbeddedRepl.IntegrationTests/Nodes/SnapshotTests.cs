using EmbeddedRepl.Hosting;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EmbeddedRepl.IntegrationTests.Nodes;

public sealed class SnapshotTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Directory => _folder["snapshots"];

    private string FilePath => Path.Combine(Directory, "default.snapshot");

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Behaviour", "D7")]
    public void Master_StoppedUnderWrites_ItsReplicaContinuesPartiallyAfterTheRestart()
    {
        using TestNode master = Master();
        using TestNode replica = TestNode.Replica(master.EndPoint);
        master.Fill(1_000, 100);
        replica.WaitForStreaming();
        var writer = new Thread(() =>
        {
            try
            {
                for (int i = 0; ; i++)
                {
                    master.Set($"written {i % 100}", new byte[100]);
                }
            }
            catch (NodeStoppedException)
            {
                // Up to the last moment.
            }
        });
        writer.Start();
        replica.WaitFor(info => info.ReplicationOffset > 200_000, "writes arrive");
        master.Node.Stop(TimeSpan.FromSeconds(30));
        writer.Join();

        using TestNode restarted = Master();

        Assert.Equal((true, true), (master.Info.Snapshot!.LoadDuration is null, restarted.Info.Snapshot!.LoadDuration >= TimeSpan.Zero));

        // Whatever was written while it stopped: the replica is never ahead of the file.
        Assert.True(replica.Info.ReplicationOffset <= restarted.Info.ReplicationOffset);
        replica.Node.ReplicateFrom(restarted.EndPoint);
        replica.WaitFor(info => info.ReplicationId == restarted.Info.ReplicationId, "the replica follows");
        replica.WaitUntilIdenticalTo(restarted);
        Assert.Equal((0, 1), (restarted.Info.SyncFull, restarted.Info.SyncPartialOk));
    }

    [Fact]
    public async Task SaveSnapshot_WhileWritten_HasEverythingThatWasWrittenBeforeTheCall()
    {
        using TestNode node = Master();
        node.Fill(5_000, 100);
        using var writer = new Writer(node, 100);
        for (int i = 0; i < 5; i++)
        {
            node.Set($"before {i}", [(byte)i]);
            long offset = node.Info.ReplicationOffset;
            await Task.WhenAll(node.Node.SaveSnapshot(), node.Node.SaveSnapshot(), node.Node.SaveSnapshot());
            Assert.True(node.Info.Snapshot!.LastSavedOffset >= offset);
        }

        Assert.InRange(node.Info.Snapshot!.Saves, 5, 15);
    }

    [Fact]
    public async Task SaveSnapshot_WithoutADirectory_SaysSo()
    {
        using TestNode node = TestNode.Master();

        Exception error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => node.Node.SaveSnapshot());
        Assert.Contains("SnapshotDirectory", error.Message, StringComparison.Ordinal);
        Assert.Null(node.Info.Snapshot);
    }

    [Fact]
    public async Task SaveSnapshot_OfAReplicaThatNeverSynced_SaysSo()
    {
        using TestNode node = TestNode.Replica($"127.0.0.1:{FreePort.Next()}", o => o.SnapshotDirectory = Directory);

        Exception error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => node.Node.SaveSnapshot());
        Assert.Contains("nothing to save", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StandAloneNode_Stopped_ComesBackWithItsData()
    {
        using (TestNode node = TestNode.Start(o => o.SnapshotDirectory = Directory))
        {
            node.Fill(1_000, 100);
            node.Node.Stop(TimeSpan.FromSeconds(30));
        }

        using TestNode restarted = TestNode.Start(o => o.SnapshotDirectory = Directory);
        Assert.Equal(1_000, restarted.Info.EntryCount);
        restarted.AssertSound();
    }

    [Fact]
    public void Node_StoppedWithSavingOnStopTurnedOff_SavesNothing()
    {
        using TestNode node = Master(o => o.SaveSnapshotOnStop = false);
        node.Fill(10, 10);
        node.Node.Stop(TimeSpan.FromSeconds(30));

        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void Node_EnoughChanges_Saves()
    {
        using TestNode node = Master(o => o.SnapshotAfterChanges = 100);
        node.Fill(99, 10);
        Assert.Equal(99, node.Info.Snapshot!.ChangesSinceSave);
        node.Set("one more", [1]);

        node.WaitFor(info => info.Snapshot!.Saves == 1, "saved");
        Assert.Equal(100, node.Info.Snapshot!.LastSavedEntries);
        Assert.Equal(new FileInfo(FilePath).Length, node.Info.Snapshot!.LastSavedBytes);
    }

    [Fact]
    [Trait("Behaviour", "H7")]
    public void Replica_CompletesAFullSync_IsSavedAtOnceAndARestartRightAfterIsPartial()
    {
        using TestNode master = TestNode.Master().Fill(1_000, 100);
        void Persist(ReplicatedCacheOptions options)
        {
            options.SnapshotDirectory = Directory;
            options.SnapshotInterval = TimeSpan.Zero;
            options.SaveSnapshotOnStop = false;
        }

        using (TestNode replica = TestNode.Replica(master.EndPoint, Persist))
        {
            replica.WaitFor(info => info.Snapshot!.Saves == 1, "saved");
        }

        master.Set("meanwhile", [1]);
        using TestNode restarted = TestNode.Replica(master.EndPoint, Persist).WaitForStreaming();
        restarted.WaitUntilIdenticalTo(master);
        Assert.Equal((1, 1), (master.Info.SyncFull, master.Info.SyncPartialOk));
    }

    [Fact]
    [Trait("Behaviour", "G7")]
    public async Task Node_DirectoryGoesAway_ReportsKeepsRunningAndSavesWhenItIsBack()
    {
        using TestNode node = Master(o => o.SnapshotAfterChanges = 1);
        node.Set("key", [1]);
        node.WaitFor(info => info.Snapshot!.Saves >= 1, "saved");
        byte[] before = await File.ReadAllBytesAsync(FilePath);
        System.IO.Directory.Move(Directory, Directory + ".away");
        await File.WriteAllTextAsync(Directory, "in the way");

        Exception error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => node.Node.SaveSnapshot());

        Assert.Contains("previous file is as it was", error.Message, StringComparison.Ordinal);
        ReplicationInfo info = node.Info;
        Assert.NotNull(info.Snapshot!.LastError);
        Assert.True(info.Snapshot.FailedSaves >= 1);
        node.Set("other", [2]);
        Assert.Equal([2], node.Get("other")!);
        File.Delete(Directory);
        System.IO.Directory.Move(Directory + ".away", Directory);
        Assert.Equal(before, await File.ReadAllBytesAsync(FilePath));
        node.WaitFor(i => i.Snapshot!.LastError is null && i.Snapshot.LastSavedEntries == 2, "saved by itself");
    }

    [Fact]
    [Trait("Behaviour", "G7")]
    public async Task Node_DiskIsFull_ReportsKeepsThePreviousFileAndSavesWhenThereIsRoom()
    {
        var disk = new MemorySnapshotDisk();
        using ReplicatedNode node = WithDisk(disk);
        node.Start();
        node.Set("key", new System.Buffers.ReadOnlySequence<byte>(new byte[1_000]), default);
        await node.SaveSnapshot();
        byte[] before = disk["default.snapshot"];
        disk.Capacity = before.Length + 500;
        node.Set("other", new System.Buffers.ReadOnlySequence<byte>(new byte[1_000]), default);

        Exception error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => node.SaveSnapshot());

        Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, disk["default.snapshot"]);
        Assert.NotNull(node.Get("other"));
        disk.Capacity = long.MaxValue;
        await node.SaveSnapshot();
        Assert.Null(node.GetReplicationInfo().Snapshot!.LastError);
    }

    [Fact]
    [Trait("Behaviour", "H2")]
    public async Task Host_FileIsDamaged_DoesNotStartAndNamesTheKeyTheFileAndWhatToDo()
    {
        System.IO.Directory.CreateDirectory(Directory);
        await File.WriteAllTextAsync(FilePath, "not a snapshot");
        using IHost host = Host();

        Exception error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => host.StartAsync());

        Assert.Contains("ReplicatedCache:SnapshotDirectory", error.Message, StringComparison.Ordinal);
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Contains("set IgnoreDamagedSnapshot to true", error.Message, StringComparison.Ordinal);
        Assert.Equal("not a snapshot", await File.ReadAllTextAsync(FilePath));
    }

    [Fact]
    [Trait("Behaviour", "H2")]
    public async Task Host_FileIsDamagedAndToBeIgnored_StartsEmptyAndKeepsTheFile()
    {
        System.IO.Directory.CreateDirectory(Directory);
        for (int i = 1; i <= 2; i++)
        {
            await File.WriteAllTextAsync(FilePath, $"damaged {i}");
            using IHost host = Host(("IgnoreDamagedSnapshot", "true"));
            await host.StartAsync();
            Assert.Equal(0, host.Services.GetRequiredService<IReplicatedCache>().GetReplicationInfo().EntryCount);
            await host.StopAsync();
        }

        Assert.Equal("damaged 1", await File.ReadAllTextAsync(FilePath + ".damaged-1"));
        Assert.Equal("damaged 2", await File.ReadAllTextAsync(FilePath + ".damaged-2"));
    }

    [Fact]
    [Trait("Behaviour", "H2")]
    public void Start_NoFileYet_StartsEmptyWithAHistoryOfItsOwn()
    {
        using TestNode node = Master();

        Assert.True(node.Info.IsReady);
        Assert.Equal(0, node.Info.EntryCount);
        Assert.Null(node.Info.Snapshot!.LastSavedAt);
    }

    [Fact]
    public void Start_AnotherNodeUsesTheFile_IsRefusedUntilThatOneIsGone()
    {
        using (TestNode first = Master())
        {
            SnapshotFileException error = Assert.Throws<SnapshotFileException>(() => Master());
            Assert.Equal(SnapshotFileProblem.InUse, error.Problem);
            Assert.Contains("SnapshotFileName", error.Message, StringComparison.Ordinal);
            using TestNode other = Master(o => o.SnapshotFileName = "other.snapshot");
        }

        using TestNode second = Master();
    }

    [UnixOnlyFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Files_OnUnix_AreReadableByTheirOwnerAlone()
    {
        using TestNode node = Master();
        await node.Node.SaveSnapshot();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Directory));
    }

    private TestNode Master(Action<ReplicatedCacheOptions>? configure = null) => TestNode.Master(options =>
    {
        options.SnapshotDirectory = Directory;
        configure?.Invoke(options);
    });

    private IHost Host(params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(
            settings.Append(("SnapshotDirectory", Directory)).Select(s => new KeyValuePair<string, string?>($"ReplicatedCache:{s.Item1}", s.Item2)));
        builder.Services.AddReplicatedCache();
        return builder.Build();
    }

    private static ReplicatedNode WithDisk(MemorySnapshotDisk disk) => new(
        new ReplicatedCacheOptions { SnapshotDirectory = "memory" },
        TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
        new EmbeddedRepl.Transport.TcpConnector(),
        _ => disk);

    private sealed class UnixOnlyFactAttribute : FactAttribute
    {
        public UnixOnlyFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no file modes." : null;
    }
}
