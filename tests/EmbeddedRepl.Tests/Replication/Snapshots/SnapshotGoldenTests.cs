using System.Globalization;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using EmbeddedRepl.Tests.Protocol;

namespace EmbeddedRepl.Tests.Replication.Snapshots;

/// <summary>A file of every format that was ever released, recorded when it was, so that it can be read for ever.</summary>
public sealed class SnapshotGoldenTests
{
    [Theory]
    [InlineData(1)]
    [Trait("Behaviour", "H6")]
    public void File_OfEveryFormat_LoadsToWhatWasSavedThen(int format)
    {
        var disk = new MemorySnapshotDisk { [CoreSnapshots.FileName] = Recorded(format) };

        LoadedSnapshot loaded = new CoreNode(new ManualTimeProvider(), seed: 9).Read(disk)!;

        CacheStore store = loaded.Data.Store;
        Assert.Equal(4, store.Count);
        Assert.Equal(store.Recount(out _), store.Digest);
        store.Get("plain", out byte[]? plain);
        Assert.Equal("changed while it was saved"u8.ToArray(), plain);
        store.Get("empty", out byte[]? empty);
        Assert.Equal([], empty!);
        Assert.Equal("0707070707070707070707070707070707070707", loaded.Data.History.Id.ToString());
        Assert.Equal((89, EmbeddedRepl.Protocol.AncestorEnd.Restart), (loaded.Data.History.Ancestors.Single().EndOffset, loaded.Data.History.Ancestors[0].EndedBy));
        Assert.Equal(126, loaded.Data.Offset);
        Assert.Equal("10.0.0.5:6390", loaded.LastMaster);
    }

    [Fact]
    [Trait("Behaviour", "H6")]
    public void File_OfTheFormatThatIsWritten_HasNotChanged()
    {
        byte[] bytes = Sample();
        string name = Name(SnapshotFileSection.Format);
        GoldenFiles.Check(name, bytes, GoldenFiles.SnapshotFolder);
    }

    [Fact]
    public void Formats_AllUpToTheOneThatIsWritten_AreRecorded() =>
        Assert.All(Enumerable.Range(1, SnapshotFileSection.Format), format => Assert.NotEmpty(Recorded(format)));

    private static string Name(int format) => string.Create(CultureInfo.InvariantCulture, $"snapshot-file-{format}");

    private static byte[] Recorded(int format) => GoldenFiles.Read(Name(format), GoldenFiles.SnapshotFolder);

    /// <summary>Every kind of section, frame and record that stands in a file; always the same bytes.</summary>
    private static byte[] Sample()
    {
        var time = new ManualTimeProvider();
        var disk = new MemorySnapshotDisk();
        CoreNode node = CoreNode.Master(time, new NodeSettings { Store = new StoreOptions { UsesAesHash = false } });
        node.Core.LastFollowedMaster = "10.0.0.5:6390";
        node.Set("plain", "before");
        node.Set("empty", []);
        long now = node.Now.UtcMilliseconds;
        node.Set("deadline", [1, 2, 3], new EntryExpiration(now + 60_000, 0, 0));
        node.Set("sliding", [4], new EntryExpiration(now + 60_000, 60_000, now + 600_000));
        byte[] id = new byte[ReplicationId.Size];
        id.AsSpan().Fill(7);
        node.Core.TakeHistory(node.Core.Data.History.Continue(new ReplicationId(id), node.Offset, EmbeddedRepl.Protocol.AncestorEnd.Restart));
        SnapshotSave save = node.BeginSave(disk);
        node.Set("plain", "changed while it was saved");
        node.Remove("none");
        while (save.Step(node.Now) != SaveProgress.Done)
        {
        }

        return disk[CoreSnapshots.FileName];
    }
}
