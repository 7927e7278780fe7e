using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>
/// At least one frame of every type, with values that differ in every field. The text beside each is what an independent MessagePack decoder must
/// find in it, written by hand after PROTOCOL.md: numbers as they are, <c>s'…'</c> for text, <c>b'…'</c> for bytes in hexadecimal digits.
/// </summary>
internal static class FrameSamples
{
    private const string IdA = "b'000102030405060708090a0b0c0d0e0f10111213'";
    private const string IdB = "b'202122232425262728292a2b2c2d2e2f30313233'";
    private const string IdC = "b'404142434445464748494a4b4c4d4e4f50515253'";
    private const string Nonce = "b'808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'";
    private const string Digest = "b'00112233445566778899aabbccddeeff'";
    private const string OtherDigest = "b'f0e0d0c0b0a090807060504030201000'";
    private const string Ancestors = $"[[{IdB}, 70000, 1], [{IdC}, 5, 2]]";

    private static readonly UInt128 DigestValue = new(0x0011223344556677, 0x8899aabbccddeeff);
    private static readonly UInt128 OtherDigestValue = new(0xf0e0d0c0b0a09080, 0x7060504030201000);
    private static readonly Ancestor[] AncestorList =
        [new(Id(0x20), 70_000, AncestorEnd.Promotion), new(Id(0x40), 5, AncestorEnd.Restart)];

    private static readonly HelloFrame Hello = new(1, 2, (Capabilities)(1UL << 63) | Capabilities.Recovery, Capabilities.Touches, Bytes(0x80, 32));

    public static IReadOnlyList<FrameSample> All { get; } =
    [
        FrameSample.Of("hello", Hello, $"[s'ERPL', 1, 2, 9223372036854775809, 4, {Nonce}]"),
        FrameSample.Of("hello-reply", new HelloReplyFrame(Hello, DemandsPassword: true), $"[s'ERPL', 1, 2, 9223372036854775809, 4, {Nonce}, True]"),
        FrameSample.Of("authenticate", new AuthenticateFrame(Bytes(0x80, 32)), $"[{Nonce}]"),
        FrameSample.Of("authenticated", new AuthenticatedFrame(Bytes(0x80, 0)), "[b'']"),
        FrameSample.Of("identify", new IdentifyFrame("größe", Run(0), 65_000, 1 << 26, "cache-1.local", 6390), $"[s'größe', {IdA}, 65000, 67108864, s'cache-1.local', 6390]"),
        FrameSample.Of("identify-no-host", new IdentifyFrame("default", Run(0), 1, 1, null, 0), $"[s'default', {IdA}, 1, 1, None, 0]"),
        FrameSample.Of("identified", new IdentifiedFrame("default", Run(0), [Run(0x20), Run(0x40)], 65_000, 1 << 30, 10_000), $"[s'default', {IdA}, [{IdB}, {IdC}], 65000, 1073741824, 10000]"),
        FrameSample.Of("sync-request", new SyncRequestFrame(Id(0), 1L << 40, Id(0x40), AncestorList, HoldsData: true), $"[{IdA}, 1099511627776, {IdC}, {Ancestors}, True]"),
        FrameSample.Of("continue", new ContinueFrame(Id(0), 300, Id(0x40), AncestorList), $"[{IdA}, 300, {IdC}, {Ancestors}]"),
        FrameSample.Of("full-sync-offer", new FullSyncOfferFrame(Id(0), Id(0x20), 128, AncestorList, Override: false), $"[{IdA}, {IdB}, 128, {Ancestors}, False]"),
        FrameSample.Of("full-sync-accept", default(FullSyncAcceptFrame), "[]"),
        FrameSample.Of("full-sync-refuse", new FullSyncRefuseFrame(FullSyncRefusal.AheadOfMaster, "no"), "[2, s'no']"),
        FrameSample.Of("full-sync-wait", new FullSyncWaitFrame(17), "[17]"),
        FrameSample.Of("full-sync-start", new FullSyncStartFrame(Id(0), Id(0x20), AncestorList, 65_536, DigestValue, 1_000_000, 1L << 33), $"[{IdA}, {IdB}, {Ancestors}, 65536, {Digest}, 1000000, 8589934592]"),
        FrameSample.OfRaw("snapshot-chunk", FrameType.SnapshotChunk, static output => FrameWriter.WriteSnapshotChunk(output, Bytes(1, 40)), static payload => SnapshotChunkFrame.Read(payload).Bytes.ToArray()),
        FrameSample.Of("snapshot-end", new SnapshotEndFrame(10, DigestValue, 20, 30, OtherDigestValue), $"[10, {Digest}, 20, 30, {OtherDigest}]"),
        FrameSample.OfRaw("stream-chunk", FrameType.StreamChunk, static output => FrameWriter.WriteStreamChunk(output, 0x0102030405060708, new ReadOnlySequence<byte>(Bytes(1, 40))), ReadAndWriteStreamChunk),
        FrameSample.Of("heartbeat", new HeartbeatFrame(1_700_000_000_000, 99, new OffsetDigest(98, DigestValue)), $"[1700000000000, 99, [98, {Digest}]]"),
        FrameSample.Of("heartbeat-no-digest", new HeartbeatFrame(1_700_000_000_000, 99, Digest: null), "[1700000000000, 99, None]"),
        FrameSample.Of("ack", new AckFrame(255, 1_700_000_000_001, 1_700_000_000_000, 12), "[255, 1700000000001, 1700000000000, 12]"),
        FrameSample.Of("history-changed", new HistoryChangedFrame(Id(0), 70_000, AncestorList, Id(0x40)), $"[{IdA}, 70000, {Ancestors}, {IdC}]"),
        FrameSample.Of("upstream-changed", new UpstreamChangedFrame([Run(0), Run(0x20)]), $"[[{IdA}, {IdB}]]"),
        FrameSample.Of("write-request", new WriteRequestFrame(Run(0), 3, 4, IsLast: true, new ReadOnlySequence<byte>(Bytes(1, 5))), $"[{IdA}, 3, 4, True, b'0102030405']"),
        FrameSample.Of("write-reply", new WriteReplyFrame(Run(0), 3, 4, WriteStatus.TooFewReplicas, Id(0x20), 9, "1 of 2"), $"[{IdA}, 3, 4, 4, {IdB}, 9, s'1 of 2']"),
        FrameSample.Of("touch-request", new TouchRequestFrame(Run(0), 3, [new(Bytes(1, 3), 50, 1200), new(Bytes(9, 1), 51, 0)]), $"[{IdA}, 3, [[b'010203', 50, 1200], [b'09', 51, 0]]]"),
        FrameSample.Of("recovery-offer", new RecoveryOfferFrame(Run(0x40), Id(0), 1, Id(0x20), AncestorList, 2, DigestValue, RecoverySource.File), $"[{IdC}, {IdA}, 1, {IdB}, {Ancestors}, 2, {Digest}, 2]"),
        FrameSample.Of("recovery-offer-given-up", new RecoveryOfferFrame(Run(0x40), Id(0), 1, Id(0x20), AncestorList, 2, DigestValue, RecoverySource.GivenUp), $"[{IdC}, {IdA}, 1, {IdB}, {Ancestors}, 2, {Digest}, 4]"),
        FrameSample.Of("recovery-request", new RecoveryRequestFrame(Run(0x40), RecoveryMode.Partial, 77), $"[{IdC}, 1, 77]"),
        FrameSample.Of("recovery-end", new RecoveryEndFrame(5, DigestValue, 6), $"[5, {Digest}, 6]"),
        FrameSample.Of("not-now", new NotNowFrame(NotNowReason.Lagging, "behind", 250, [Run(0), Run(0x20)]), $"[5, s'behind', 250, [{IdA}, {IdB}]]"),
        FrameSample.Of("error", new ErrorFrame(ErrorCode.Cycle, "this is me"), "[9, s'this is me']"),
    ];

    /// <summary>For theories: the names of all samples.</summary>
    public static TheoryData<string> Names => [.. All.Select(static sample => sample.Name)];

    /// <summary>For theories: the names of the samples whose payload is MessagePack.</summary>
    public static TheoryData<string> NamesOfControlFrames => [.. All.Where(static sample => sample.Fields is not null).Select(static sample => sample.Name)];

    public static FrameSample Get(string name) => All.Single(sample => sample.Name == name);

    public static byte[] Bytes(int first, int count) => [.. Enumerable.Range(first, count).Select(static value => (byte)value)];

    public static ReplicationId Id(int first) => new(Bytes(first, ReplicationId.Size));

    public static RunId Run(int first) => new(Bytes(first, RunId.Size));

    private static byte[] ReadAndWriteStreamChunk(ReadOnlySequence<byte> payload)
    {
        StreamChunkFrame chunk = StreamChunkFrame.Read(payload);
        ArrayBufferWriter<byte> output = new();
        FrameWriter.WriteStreamChunk(output, chunk.StartOffset, chunk.Bytes);
        return output.WrittenSpan[FrameHeader.Size..].ToArray();
    }
}
