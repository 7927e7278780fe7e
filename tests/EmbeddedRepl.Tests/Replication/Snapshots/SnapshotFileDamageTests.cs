using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Snapshots;

[Trait("Behaviour", "H2")]
public sealed class SnapshotFileDamageTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemorySnapshotDisk _disk = new();

    [Fact]
    public void Load_NoFile_HasNothing() => Assert.Null(Reader().Read(_disk));

    [Fact]
    public void Load_FileCutAtAnyPoint_IsRefused()
    {
        byte[] file = SmallFile();
        for (int length = 0; length < file.Length; length++)
        {
            _disk[CoreSnapshots.FileName] = file[..length];
            Assert.Equal(SnapshotFileProblem.Damaged, Refusal().Problem);
        }
    }

    [Fact]
    public void Load_OneBitFlippedInAnyByte_IsRefused()
    {
        byte[] file = SmallFile();
        for (int i = 0; i < file.Length; i++)
        {
            byte[] damaged = [.. file];
            damaged[i] ^= (byte)(1 << (i % 8));
            _disk[CoreSnapshots.FileName] = damaged;
            Assert.True(Refusal().Problem is SnapshotFileProblem.Damaged or SnapshotFileProblem.NewerFormat, $"byte {i}");
        }
    }

    [Fact]
    public void Load_BytesAfterTheEnd_IsRefused()
    {
        _disk[CoreSnapshots.FileName] = [.. SmallFile(), 0];

        Assert.Contains("after its end", Refusal().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NewerFormat_SaysSo()
    {
        byte[] file = SmallFile();
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(8), SnapshotFileSection.Format + 1);
        _disk[CoreSnapshots.FileName] = file;

        SnapshotFileException refusal = Refusal();

        Assert.Equal(SnapshotFileProblem.NewerFormat, refusal.Problem);
        Assert.Contains("a newer version wrote it", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.MayBeIgnored);
    }

    [Fact]
    public void Load_FileOfAnotherCache_SaysSoAndMayNotBeIgnored()
    {
        CoreNode.Master(_time, new NodeSettings { CacheName = "other" }).Save(_disk);

        SnapshotFileException refusal = Refusal();

        Assert.Equal(SnapshotFileProblem.OtherCache, refusal.Problem);
        Assert.Contains("'other'", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.MayBeIgnored);
    }

    [Theory]
    [InlineData(3, 1_000)]
    [InlineData(1_000, 9)]
    public void Load_EntryBeyondTheLimits_NamesThemAndWhatTheyWere(int maxKey, int maxValue)
    {
        CoreNode node = CoreNode.Master(_time);
        node.Set("abcd", new byte[10]);
        node.Save(_disk);

        SnapshotFileException refusal = Refusal(new NodeSettings { MaxKeySize = maxKey, MaxValueSize = maxValue });

        Assert.Equal(SnapshotFileProblem.BeyondLimits, refusal.Problem);
        Assert.Contains("MaxKeySize 65000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SmallerLimitsThatEveryEntryFits_Loads()
    {
        CoreNode node = CoreNode.Master(_time);
        node.Set("abcd", new byte[10]);
        node.Save(_disk);

        Assert.NotNull(Reader(new NodeSettings { MaxKeySize = 4, MaxValueSize = 10 }).Read(_disk));
    }

    [Fact]
    public void Load_MoreThanTheMemoryLimit_SaysSo()
    {
        CoreNode node = CoreNode.Master(_time);
        for (int i = 0; i < 100; i++)
        {
            node.Set($"{i}", new byte[100_000]);
        }

        node.Save(_disk);

        SnapshotFileException refusal = Refusal(new NodeSettings { Store = new StoreOptions { MaxBytes = 4 << 20 } });

        Assert.Equal(SnapshotFileProblem.BeyondLimits, refusal.Problem);
        Assert.Contains("memory", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FrameLeftOutDoubledOrMoved_IsRefused()
    {
        CoreNode node = CoreNode.Master(_time, SnapshotRecordingTests.Settings());
        for (int i = 0; i < 50; i++)
        {
            node.Set($"key {i}", new byte[100]);
        }

        int step = 0;
        node.Save(_disk, () => node.Set($"key {step++}", new byte[50]));
        List<byte[]> pieces = Pieces(_disk[CoreSnapshots.FileName]);
        Assert.InRange(pieces.Count, 10, 100);
        for (int i = 0; i < pieces.Count; i++)
        {
            List<byte[]> without = [.. pieces];
            without.RemoveAt(i);
            List<byte[]> doubled = [.. pieces];
            doubled.Insert(i, pieces[i]);
            foreach (List<byte[]> changed in (List<byte[]>[])[without, doubled])
            {
                _disk[CoreSnapshots.FileName] = [.. changed.SelectMany(piece => piece)];
                Assert.Equal(SnapshotFileProblem.Damaged, Refusal(SnapshotRecordingTests.Settings()).Problem);
            }
        }
    }

    [Fact]
    public void Load_TrailerOfAnotherFile_IsRefused()
    {
        byte[] first = SmallFile();
        CoreNode other = CoreNode.Master(_time);
        other.Set("another", [1]);
        other.Save(_disk);
        List<byte[]> pieces = Pieces(first);
        pieces[^1] = Pieces(_disk[CoreSnapshots.FileName])[^1];
        _disk[CoreSnapshots.FileName] = [.. pieces.SelectMany(piece => piece)];

        Assert.Contains("its end does not belong", Refusal().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DiskFailsWhileReading_IsNotTakenForDamage()
    {
        SmallFile();
        _disk.FailsFrom = _disk.Operations + 2;

        SnapshotFileException refusal = Refusal();

        Assert.Equal(SnapshotFileProblem.Unusable, refusal.Problem);
        Assert.False(refusal.MayBeIgnored);
    }

    [Fact]
    public void Load_Refused_LeavesTheNodeWithoutDataAndAbleToTakeAnotherFile()
    {
        byte[] file = SmallFile();
        _disk[CoreSnapshots.FileName] = file[..^1];
        CoreNode node = Reader();
        Assert.Throws<SnapshotFileException>(() => node.Read(_disk));
        Assert.False(node.Core.Data.HasHistory);

        _disk[CoreSnapshots.FileName] = file;
        Assert.Equal(2, node.Read(_disk)!.Data.Store.Count);
    }

    /// <summary>The parts of a file: header, each frame, trailer.</summary>
    private static List<byte[]> Pieces(byte[] file)
    {
        List<byte[]> pieces = [];
        var rest = new ReadOnlySequence<byte>(file);
        Assert.True(SnapshotFileHeader.TryRead(ref rest, out _));
        pieces.Add(file[..(int)(file.Length - rest.Length)]);
        FrameType type;
        do
        {
            int start = (int)(file.Length - rest.Length);
            Assert.True(FrameReader.TryRead(ref rest, FrameLimits.Data, out type, out _));
            pieces.Add(file[start..(int)(file.Length - rest.Length)]);
        }
        while (type != FrameType.SnapshotEnd);
        pieces.Add(rest.ToArray());
        return pieces;
    }

    private byte[] SmallFile()
    {
        CoreNode node = CoreNode.Master(_time);
        node.Set("a", "1");
        SnapshotSave save = node.BeginSave(_disk);
        node.Set("b", new byte[20], new EntryExpiration(node.Now.UtcMilliseconds + 1_000, 500, 0));
        while (save.Step(node.Now) != SaveProgress.Done)
        {
        }

        return _disk[CoreSnapshots.FileName];
    }

    private SnapshotFileException Refusal(NodeSettings? settings = null) => Assert.Throws<SnapshotFileException>(() => Reader(settings).Read(_disk));

    private CoreNode Reader(NodeSettings? settings = null) => new(_time, settings, seed: 9);
}
