using System.Buffers;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>The master's end of a connection, in every state, on a core that lives on from input to input.</summary>
internal sealed class MasterSessionTarget : IFuzzTarget
{
    private const string Kind = "master session";
    private const int InputsPerNode = 300;

    private static readonly FrameType[] OfRecovery =
        [FrameType.RecoveryOffer, FrameType.FullSyncStart, FrameType.SnapshotChunk, FrameType.SnapshotEnd, FrameType.StreamChunk, FrameType.RecoveryEnd];

    private CoreNode _master = null!;
    private bool _isRecovering;
    private int _inputs;

    public string Name => "master";

    public int Weight => 200;

    public long AllocationLimit => SessionDriver.PresizedIndex + (64 << 20);

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        if (_inputs++ % InputsPerNode == 0)
        {
            Renew(random);
        }

        if (_isRecovering && _master.Core.Recovery is null)
        {
            Renew(random);
        }

        int stage = random.OneIn(8) ? 0 : random.Next(1, 5);
        NodeSettings settings = random.OneIn(3) ? PeerSettings.Draw(_master.Core.Settings, random) : _master.Core.Settings;
        var peer = new ScriptedReplica(_master, isLoopback: !random.OneIn(20));
        if (stage > 0)
        {
            SessionDriver.Try("handshake of a replica", coverage, () => peer.ShakeHands(settings, random.OneIn(30) ? _master.Core.RunId : null));
        }

        if (stage > 1 && !peer.Endpoint.IsClosed)
        {
            bool isKnown = stage == 3;
            peer.Ask(isKnown ? _master.Core.Data.History : ReplicationHistory.None, isKnown ? _master.Offset : 0);
            if (stage == 4 && !_isRecovering && !peer.Endpoint.IsClosed)
            {
                peer.Give(default(FullSyncAcceptFrame));
            }

            peer.TakeBytes();
            if (stage == 4 && _isRecovering)
            {
                Offer(peer, random);
            }
        }

        SessionDriver.Play(peer, random, input, output => Plausible(peer, random, output));
        SessionDriver.End(peer, Kind, coverage);
        if (_inputs % 32 == 0)
        {
            SessionDriver.CheckData(_master);
        }
    }

    private void Renew(FuzzRandom random)
    {
        var time = new ManualTimeProvider();
        _inputs = 1;
        _isRecovering = random.OneIn(3);
        NodeSettings settings = PeerSettings.DrawOwn(random);
        _master = _isRecovering ? CoreNode.RecoveringMaster(time, settings) : CoreNode.Master(time, settings);
        if (!_isRecovering)
        {
            for (int i = 0; i < 20; i++)
            {
                _master.Set($"key {i}", new byte[100]);
            }
        }
    }

    // The master waits for its window to end, and then asks for what was offered.
    private void Offer(ScriptedReplica peer, FuzzRandom random)
    {
        peer.Give(new RecoveryOfferFrame(peer.RunId, new ReplicationId(random.Bytes(ReplicationId.Size)), 1_000, ReplicationId.None, [], 10, FrameKinds.Digest(random), random.OneIn(4) ? RecoverySource.GivenUp : RecoverySource.Memory));
        for (int i = 0; i < 5; i++)
        {
            _master.Advance(1_000);
            peer.TakeBytes();
        }
    }

    private void Plausible(ScriptedReplica peer, FuzzRandom random, InputBuffer output)
    {
        DataSet data = _master.Core.Data;
        if (!peer.Session.IsIdentified && random.OneIn(2))
        {
            if (random.OneIn(8))
            {
                // How a peer begins that takes this end for one with TLS.
                output.Add([0x16, 0x03, 0x01]);
                output.Add(random.Bytes(random.Next(20, 300)));
                return;
            }

            FrameKinds.Of(FrameType.Hello).Write(output, random);
            if (random.OneIn(4))
            {
                SessionDriver.Write(output, new AuthenticateFrame(Array.Empty<byte>()));
            }

            return;
        }

        if (peer.Session.State == ReplicaSessionState.Recovering && !random.OneIn(4))
        {
            FrameKinds.Of(OfRecovery[random.Next(OfRecovery.Length)]).Write(output, random);
            return;
        }

        switch (random.Next(8))
        {
            case 0:
                SessionDriver.Write(output, new AckFrame(random.OneIn(4) ? data.Offset + random.Next(3) : random.NonNegative() % (data.Offset + 1), random.NonNegative(), random.NonNegative(), random.NonNegative()));
                break;
            case 1:
                SessionDriver.Write(output, new SyncRequestFrame(
                    random.OneIn(2) ? data.History.Id : FrameKinds.Id(random), random.OneIn(2) ? data.Offset : random.NonNegative(), data.History.OriginId, FrameKinds.Ancestors(random), random.OneIn(2)));
                break;
            case 2 or 3:
                var operations = new InputBuffer();
                for (int i = random.Next(4); i > 0; i--)
                {
                    RecordGenerator.WriteOperation(operations, RecordGenerator.OperationKinds[random.Next(RecordGenerator.OperationKinds.Count)], random);
                }

                if (random.OneIn(4))
                {
                    Mutator.Mutate(operations, 0, random);
                }

                if (operations.Length <= FrameLimits.Control / 2)
                {
                    SessionDriver.Write(output, new WriteRequestFrame(peer.RunId, random.Next(3), random.Next(100), random.OneIn(2), new ReadOnlySequence<byte>(operations.Memory)));
                }

                break;
            case 4:
                SessionDriver.Write(output, new TouchRequestFrame(peer.RunId, random.Next(3), [new KeyTouch("key 1"u8.ToArray(), random.NonNegative(), random.NonNegative())]));
                break;
            case 5 when _isRecovering:
                SessionDriver.Write(output, new RecoveryOfferFrame(
                    peer.RunId, new ReplicationId(random.Bytes(ReplicationId.Size)), random.NonNegative(), FrameKinds.Id(random), FrameKinds.Ancestors(random), random.NonNegative(), FrameKinds.Digest(random), (RecoverySource)random.Next(1, 5)));
                break;
            case 6 when _isRecovering:
                SessionDriver.Write(output, FrameKinds.FullSyncStart(random));
                break;
            case 7 when _isRecovering:
                SessionDriver.Write(output, new RecoveryEndFrame(random.NonNegative(), FrameKinds.Digest(random), random.NonNegative()));
                break;
        }
    }
}
