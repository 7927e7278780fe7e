using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A real replica against a master that sends what no correct master would.</summary>
[Trait("Behaviour", "A8")]
public class BadSnapshotTests
{
    private static readonly ScriptedSnapshot Snapshot = new();

    [Fact]
    public void Snapshot_AsItShouldBe_IsLoaded() =>
        LoadAfter(badReason: null, Good);

    [Fact]
    public void Snapshot_BitFlippedOnTheWay_IsRefused() => LoadAfter("corrupt", output =>
    {
        var frames = new ArrayBufferWriter<byte>();
        Snapshot.Write(frames);
        byte[] bytes = frames.WrittenSpan.ToArray();
        bytes[bytes.Length / 2] ^= 0x10;
        output.Write(bytes);
    });

    [Fact]
    public void Snapshot_ByteChangedBeforeItWasSent_IsRefused() => LoadAfter("arrived as they were sent", output =>
    {
        byte[] bytes = [.. Snapshot.Bytes];
        bytes[^1] ^= 1;
        Snapshot.Write(output, bytes: bytes);
    });

    [Fact]
    public void Snapshot_WithoutItsLastRecord_IsRefused() => LoadAfter("arrived as they were sent", output =>
        Snapshot.Write(output, bytes: Snapshot.Bytes[..RecordStart(ScriptedSnapshot.Entries - 1)]));

    [Fact]
    public void Snapshot_EndsInTheMiddleOfARecord_IsRefused() => LoadAfter("middle of a record", output =>
        Snapshot.Write(output, bytes: Snapshot.Bytes[..^5]));

    [Fact]
    public void Snapshot_WrongCountAtTheEnd_IsRefused() => LoadAfter("entries were built", output =>
        Snapshot.Write(output, Snapshot.End with { EntryCountAtEnd = ScriptedSnapshot.Entries + 1 }));

    [Fact]
    public void Snapshot_WrongDigestOfTheData_IsRefused() => LoadAfter("digests differ", output =>
        Snapshot.Write(output, Snapshot.End with { DigestAtEnd = Snapshot.End.DigestAtEnd + 1 }));

    [Fact]
    public void Snapshot_WrongEndOffset_IsRefused() => LoadAfter("ends at offset", output =>
        Snapshot.Write(output, Snapshot.End with { EndOffset = ScriptedMaster.StartOffset + 1 }));

    [Fact]
    public void Snapshot_RecordOfAnUnknownKind_IsRefused() => LoadAfter("kind", output =>
    {
        byte[] bytes = [.. Snapshot.Bytes];

        // A later version's record: the second byte of a record is its kind.
        bytes[RecordStart(10) + 1] = 0x2A;
        Snapshot.Write(output, bytes: bytes);
    });

    [Fact]
    public void Snapshot_RecordOfTheStreamInIt_IsRefused() => LoadAfter("cannot stand in a snapshot", output =>
        FrameWriter.WriteSnapshotChunk(output, [0x91, (byte)RecordKind.Clear]));

    [Fact]
    public void Snapshot_StreamChunkWithAGap_IsRefused() => LoadAfter("goes on at offset", output =>
    {
        FrameWriter.WriteStreamChunk(output, ScriptedMaster.StartOffset + 1, new ReadOnlySequence<byte>([0x91, (byte)RecordKind.Clear]));
        Snapshot.Write(output);
    });

    [Fact]
    public void Master_OfAnotherMajorVersion_IsRefused() => Load(
        "protocol version 2",
        () => new ScriptedMaster(reply => reply with { Hello = reply.Hello with { MajorVersion = 2 } }, Good));

    [Fact]
    public void Master_ThatRequiresAnUnknownCapability_IsRefused() => Load(
        "requires capabilities",
        () => new ScriptedMaster(reply => reply with { Hello = reply.Hello with { RequiredCapabilities = (Capabilities)(1UL << 50) } }, Good));

    private static void Good(IBufferWriter<byte> output) => Snapshot.Write(output);

    private static void LoadAfter(string? badReason, Action<IBufferWriter<byte>> bad) => Load(badReason, () => new ScriptedMaster(null, bad, Good));

    /// <summary>A replica with old data meets a master whose first full sync is bad and whose second one is good.</summary>
    private static void Load(string? badReason, Func<ScriptedMaster> startMaster)
    {
        using var log = new TraceLog();
        using TestNode oldMaster = TestNode.Master().Fill(100, 100, "old");
        using TestNode replica = TestNode.Replica(oldMaster.EndPoint, options => options.LinkTimeout = TimeSpan.FromMinutes(2), log).WaitForStreaming();
        replica.WaitUntilEqualTo(oldMaster);
        (ReplicationId oldId, string oldDigest) = (replica.Info.ReplicationId, replica.Info.Digest);
        using ScriptedMaster master = startMaster();

        replica.Node.ReplicateFrom(master.EndPoint);
        while (replica.Info is { } info && info.ReplicationId != master.Id)
        {
            Assert.Equal((oldId, oldDigest, 100), (info.ReplicationId, info.Digest, info.EntryCount));
            Assert.True(replica.Get("old 1") is not null || replica.Info.ReplicationId == master.Id);
        }

        replica.AssertSound();
        Assert.Equal(ScriptedSnapshot.Entries, replica.Info.EntryCount);
        Assert.Equal(ScriptedMaster.StartOffset, replica.Info.ReplicationOffset);
        Assert.Null(replica.Get("old 1"));
        Assert.Equal(badReason is null ? 1 : 2, master.Connections);
        if (badReason is not null)
        {
            Assert.Contains(log.Lines, line => line.Id == LinkDown && line.Text.Contains(badReason, StringComparison.Ordinal));
        }
    }

    private const int LinkDown = 1203;

    /// <summary>Where a record begins, found by reading those before it.</summary>
    private static int RecordStart(int index)
    {
        int start = 0;
        for (int i = 0; i < index; i++)
        {
            Assert.True(RecordReader.TryRead(Snapshot.Bytes.AsSpan(start), new RecordLimits(1_000, 1_000), out _, out int consumed));
            start += consumed;
        }

        return start;
    }
}
