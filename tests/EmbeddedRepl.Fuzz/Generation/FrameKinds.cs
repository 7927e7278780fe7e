using System.Buffers;
using System.Text;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Handshake;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>Every type of frame.</summary>
internal static class FrameKinds
{
    public static IReadOnlyList<FrameKind> All { get; } =
    [
        FrameKind.Of(random => Hello(random)),
        FrameKind.Of(random => new HelloReplyFrame(Hello(random), random.OneIn(2))),
        FrameKind.Of(random => new AuthenticateFrame(random.Bytes(random.OneIn(2) ? 0 : ProtocolLimits.NonceSize))),
        FrameKind.Of(random => new AuthenticatedFrame(random.Bytes(random.OneIn(2) ? 0 : ProtocolLimits.NonceSize))),
        FrameKind.Of(random => new IdentifyFrame(
            Text(random, 60), Run(random), random.Within(1, 65_000), random.Within(1, 1 << 30), random.OneIn(3) ? null : Text(random, 60), random.Next(65_536))),
        FrameKind.Of(random => new IdentifiedFrame(Text(random, 60), Run(random), Runs(random), random.Within(1, 65_000), random.Within(1, 1 << 30), random.Within(1, 3_600_000))),
        FrameKind.Of(random => new SyncRequestFrame(Id(random), random.NonNegative(), Id(random), Ancestors(random), random.OneIn(2))),
        FrameKind.Of(random => new ContinueFrame(Id(random), random.NonNegative(), Id(random), Ancestors(random))),
        FrameKind.Of(random => new FullSyncOfferFrame(Id(random), Id(random), random.NonNegative(), Ancestors(random), random.OneIn(2))),
        FrameKind.Of(_ => default(FullSyncAcceptFrame)),
        FrameKind.Of(random => new FullSyncRefuseFrame((FullSyncRefusal)random.Next(1, 5), Text(random, 200))),
        FrameKind.Of(random => new FullSyncWaitFrame(random.Next(1_000))),
        FrameKind.Of(random => FullSyncStart(random)),
        new FrameKind.SnapshotChunk(),
        FrameKind.Of(random => new SnapshotEndFrame(random.NonNegative(), Digest(random), random.NonNegative(), random.NonNegative(), Digest(random))),
        new FrameKind.StreamChunk(),
        FrameKind.Of(random => new HeartbeatFrame(random.NonNegative(), random.NonNegative(), random.OneIn(2) ? null : new OffsetDigest(random.NonNegative(), Digest(random)))),
        FrameKind.Of(random => new AckFrame(random.NonNegative(), random.NonNegative(), random.NonNegative(), random.NonNegative())),
        FrameKind.Of(random => new HistoryChangedFrame(Id(random), random.NonNegative(), Ancestors(random), Id(random))),
        FrameKind.Of(random => new UpstreamChangedFrame(Runs(random))),
        FrameKind.Of(random => new WriteRequestFrame(Run(random), random.NonNegative(), random.NonNegative(), random.OneIn(2), new ReadOnlySequence<byte>(random.Bytes(random.Length(2_000))))),
        FrameKind.Of(random => new WriteReplyFrame(Run(random), random.NonNegative(), random.NonNegative(), (WriteStatus)random.Next(1, 10), Id(random), random.NonNegative(), Text(random, 200))),
        FrameKind.Of(random => new TouchRequestFrame(Run(random), random.NonNegative(), Touches(random))),
        FrameKind.Of(random => new RecoveryOfferFrame(
            Run(random), Id(random), random.NonNegative(), Id(random), Ancestors(random), random.NonNegative(), Digest(random), (RecoverySource)random.Next(1, 5))),
        FrameKind.Of(random => new RecoveryRequestFrame(Run(random), (RecoveryMode)random.Next(1, 3), random.NonNegative())),
        FrameKind.Of(random => new RecoveryEndFrame(random.NonNegative(), Digest(random), random.NonNegative())),
        FrameKind.Of(random => new NotNowFrame((NotNowReason)random.Next(1, 8), Text(random, 200), random.Next(10_000), Runs(random))),
        FrameKind.Of(random => new ErrorFrame((ErrorCode)random.Next(1, 17), Text(random, 200))),
    ];

    public static FrameKind Of(FrameType type) => All.Single(kind => kind.Type == type);

    public static ReplicationId Id(FuzzRandom random) => random.OneIn(4) ? ReplicationId.None : new ReplicationId(random.Bytes(ReplicationId.Size));

    public static RunId Run(FuzzRandom random) => new(random.Bytes(RunId.Size));

    public static UInt128 Digest(FuzzRandom random) => new(random.Next64(), random.Next64());

    public static Ancestor[] Ancestors(FuzzRandom random)
    {
        var ancestors = new Ancestor[random.OneIn(2) ? 0 : random.Next(ProtocolLimits.Ancestors + 1)];
        for (int i = 0; i < ancestors.Length; i++)
        {
            ancestors[i] = new Ancestor(new ReplicationId(random.Bytes(ReplicationId.Size)), random.NonNegative(), random.OneIn(2) ? AncestorEnd.Promotion : AncestorEnd.Restart);
        }

        return ancestors;
    }

    public static FullSyncStartFrame FullSyncStart(FuzzRandom random) =>
        new(new ReplicationId(random.Bytes(ReplicationId.Size)), Id(random), Ancestors(random), random.NonNegative(), Digest(random), random.OneIn(20) ? random.NonNegative() : random.Next(1_000), random.NonNegative());

    private static HelloFrame Hello(FuzzRandom random) => new(
        random.OneIn(8) ? random.Next(5) : ProtocolVersion.Major, random.Next(3), (Capabilities)random.Next64(), (Capabilities)(random.OneIn(4) ? random.Next64() : random.Next64() & (ulong)HandshakeRules.Offered), random.Bytes(ProtocolLimits.NonceSize));

    private static RunId[] Runs(FuzzRandom random)
    {
        var runs = new RunId[random.OneIn(2) ? 0 : random.Next(random.OneIn(4) ? ProtocolLimits.RunIds + 1 : 4)];
        for (int i = 0; i < runs.Length; i++)
        {
            runs[i] = Run(random);
        }

        return runs;
    }

    private static KeyTouch[] Touches(FuzzRandom random)
    {
        var touches = new KeyTouch[random.Next(4)];
        for (int i = 0; i < touches.Length; i++)
        {
            touches[i] = new KeyTouch(random.Bytes(random.Length(200)), random.NonNegative(), random.NonNegative());
        }

        return touches;
    }

    private static string Text(FuzzRandom random, int limit)
    {
        int length = 1 + random.Length(limit - 1);
        var text = new StringBuilder(length);
        for (int i = 0; i < length; i++)
        {
            text.Append((char)('a' + random.Next(26)));
        }

        return text.ToString();
    }
}
