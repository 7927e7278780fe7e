using System.Buffers;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>The replica's end of a connection, in every state: handshake, full sync, stream, recovery; on a core that lives on from input to input.</summary>
internal sealed class ReplicaLinkTarget : IFuzzTarget
{
    private const string Kind = "replica link";
    private const int InputsPerNode = 200;

    private readonly InputBuffer _records = new();
    private CoreNode _replica = null!;
    private long _loadEnd;
    private long _loadEntries;
    private int _inputs;

    public string Name => "replica";

    public int Weight => 200;

    public long AllocationLimit => SessionDriver.PresizedIndex + (64 << 20);

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        if (_inputs++ % InputsPerNode == 0)
        {
            Renew(random);
        }

        var peer = new ScriptedMaster(_replica);
        int stage = random.OneIn(8) ? 0 : random.Next(1, 6);
        if (stage == 0 && random.OneIn(8) && peer.Take() is [{ Type: FrameType.Hello } hello])
        {
            // The replica's own words come back to it.
            peer.Give(new HelloReplyFrame(hello.Read<HelloFrame>(), random.OneIn(2)));
        }
        else if (stage == 0 && random.OneIn(4))
        {
            SendWhatCannotBe(peer, random);
        }
        else if (stage > 0)
        {
            NodeSettings? settings = random.OneIn(3) ? PeerSettings.Draw(_replica.Core.Settings, random) : null;
            SessionDriver.Try(
                "handshake of a master", coverage, () => peer.ShakeHands(settings, random.OneIn(30) ? _replica.Core.RunId : null, random.OneIn(30) ? [_replica.Core.RunId] : null));
        }

        if (stage > 1 && !peer.Endpoint.IsClosed)
        {
            Advance(peer, stage, random, input);
        }

        if (random.OneIn(20) && peer.Link.IsAttached && !peer.Endpoint.IsClosed)
        {
            CloseACycle(peer, coverage);
        }

        SessionDriver.Play(peer, random, input, output => Plausible(random, output));
        SessionDriver.End(peer, Kind, coverage);
        if (_inputs % 16 == 0)
        {
            SessionDriver.CheckData(_replica);
        }
    }

    // A replica that has data already, so that it can go on with it.
    private void Renew(FuzzRandom random)
    {
        var time = new ManualTimeProvider();
        NodeSettings settings = PeerSettings.DrawOwn(random);
        _replica = CoreNode.Replica(time, settings);
        CoreNode master = CoreNode.Master(time, settings);
        for (int i = 0; i < 20; i++)
        {
            master.Set($"{i}", new byte[random.Next(2)]);
        }

        var pair = new CorePair(master, _replica);
        pair.Pump();
        pair.Break();
    }

    // A master without a password that says it is the replica itself, or follows it, or allows more than the replica does.
    private void SendWhatCannotBe(ScriptedMaster peer, FuzzRandom random)
    {
        peer.TakeBytes();
        peer.Give(new HelloReplyFrame(new HelloFrame(ProtocolVersion.Major, 0, HandshakeRules.Offered, Capabilities.None, random.Bytes(ProtocolLimits.NonceSize)), DemandsPassword: false));
        peer.TakeBytes();
        peer.Give(new AuthenticatedFrame(ReadOnlyMemory<byte>.Empty));
        peer.TakeBytes();
        NodeSettings settings = _replica.Core.Settings;
        RunId own = _replica.Core.RunId;
        (RunId runId, RunId[] upstream, int more) = random.Next(3) switch
        {
            0 => (own, [], 0),
            1 => (FrameKinds.Run(random), new[] { own }, 0),
            _ => (FrameKinds.Run(random), [], 1),
        };
        peer.Give(new IdentifiedFrame(settings.CacheName, runId, upstream, settings.MaxKeySize + more, settings.MaxValueSize, 10_000));
    }

    // Somebody follows this node, and turns out to be one whom it follows itself.
    private void CloseACycle(ScriptedMaster peer, Coverage coverage)
    {
        var below = new ScriptedReplica(_replica);
        SessionDriver.Try("handshake of a replica", coverage, () => below.ShakeHands());
        peer.Give(new UpstreamChangedFrame([below.RunId]));
        if (!below.Endpoint.IsClosed)
        {
            below.Ask(ReplicationHistory.None, 0);
        }

        SessionDriver.End(below, "session of a middle node", coverage);
    }

    private void Advance(ScriptedMaster peer, int stage, FuzzRandom random, InputBuffer input)
    {
        DataSet data = _replica.Core.Data;
        var frame = new InputBuffer();
        void Give<T>(T value)
            where T : struct, IFrame<T>
        {
            frame.Clear();
            SessionDriver.Write(frame, value);
            input.Add(frame.Span);
            peer.GiveBytes(frame.Span);
        }

        if (stage == 2)
        {
            Give(new NotNowFrame(NotNowReason.Recovering, "wait", 10, []));
            return;
        }

        if (stage == 3 && data.HasHistory)
        {
            Give(new ContinueFrame(data.History.Id, data.Offset, data.History.OriginId, data.History.Ancestors));
            return;
        }

        // A full sync that replaces whatever is there, by the master's word.
        FullSyncStartFrame start = FrameKinds.FullSyncStart(random);
        if (random.OneIn(4))
        {
            start = start with { StartOffset = long.MaxValue - random.Next(400) };
        }
        else if (random.OneIn(2))
        {
            start = start with { StartOffset = random.Next(1_000_000) };
        }

        _loadEnd = start.StartOffset;
        _loadEntries = 0;
        Give(new FullSyncOfferFrame(start.Id, start.OriginId, start.StartOffset, start.Ancestors, Override: true));
        Give(start);
    }

    private void Plausible(FuzzRandom random, InputBuffer output)
    {
        DataSet data = _replica.Core.Data;
        ReplicationLinkState state = _replica.Core.Upstream?.State ?? default;
        _records.Clear();
        switch (random.Next(6))
        {
            case 0 or 1 when state == ReplicationLinkState.ReceivingSnapshot:
                Records(random, random.OneIn(10) ? RecordKind.Set : RecordKind.Entry);
                FrameWriter.WriteSnapshotChunk(output, _records.Span);
                _loadEntries++;
                break;
            case 2 when state == ReplicationLinkState.ReceivingSnapshot && _loadEnd < long.MaxValue - 10_000:
                Records(random, RecordGenerator.RecordKinds[random.Next(random.OneIn(10) ? 5 : 4)]);
                FrameWriter.WriteStreamChunk(output, _loadEnd, new ReadOnlySequence<byte>(_records.Memory));
                _loadEnd += _records.Length;
                break;
            case 3 when state == ReplicationLinkState.ReceivingSnapshot:
                SessionDriver.Write(output, new SnapshotEndFrame(_loadEntries, FrameKinds.Digest(random), _loadEnd, _loadEntries, FrameKinds.Digest(random)));
                break;
            case 0 or 1 or 2 when state == ReplicationLinkState.Streaming && data.Offset < long.MaxValue - 10_000:
                Records(random, RecordGenerator.RecordKinds[random.Next(random.OneIn(10) ? 5 : 4)]);
                FrameWriter.WriteStreamChunk(output, data.Offset + (random.OneIn(10) ? random.Next(3) : 0), new ReadOnlySequence<byte>(_records.Memory));
                break;
            case 3 when state == ReplicationLinkState.Streaming:
                SessionDriver.Write(output, new HeartbeatFrame(random.NonNegative(), random.NonNegative(), new OffsetDigest(data.Offset, random.OneIn(2) ? data.Store.Digest.Sum : FrameKinds.Digest(random))));
                break;
            case 4:
                SessionDriver.Write(output, new HistoryChangedFrame(new ReplicationId(random.Bytes(ReplicationId.Size)), data.Offset, [new Ancestor(data.History.Id, data.Offset, AncestorEnd.Promotion)], data.History.OriginId));
                break;
            case 5 when random.OneIn(4):
                SessionDriver.Write(output, new UpstreamChangedFrame([random.OneIn(3) ? _replica.Core.RunId : FrameKinds.Run(random)]));
                break;
            case 5:
                SessionDriver.Write(output, new RecoveryRequestFrame(_replica.Core.RunId, (RecoveryMode)random.Next(1, 3), random.OneIn(2) ? data.Offset : random.NonNegative()));
                break;
        }
    }

    private void Records(FuzzRandom random, RecordKind kind)
    {
        RecordGenerator.WriteRecord(_records, kind, random);
        if (random.OneIn(6))
        {
            Mutator.Mutate(_records, 0, random);
        }

        if (_records.Length == 0)
        {
            _records.Add(0);
        }

        _records.Truncate(Math.Min(_records.Length, FrameLimits.DataBytes));
    }
}
