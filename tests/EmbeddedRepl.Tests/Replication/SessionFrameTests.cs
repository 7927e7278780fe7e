using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using EmbeddedRepl.Tests.Protocol;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Every type of frame in every state of a session: what is not expected there ends the connection, and nothing else.</summary>
[Trait("Behaviour", "B7")]
public sealed class SessionFrameTests
{
    /// <summary>What may come in each state; an error may come in any.</summary>
    private static readonly Dictionary<string, FrameType[]> Expected = new()
    {
        ["Connected"] = [FrameType.Hello],
        ["Greeted"] = [FrameType.Authenticate],
        ["Authenticated"] = [FrameType.Identify],
        ["Identified"] = [FrameType.SyncRequest],
        ["Offered"] = [FrameType.FullSyncAccept, FrameType.FullSyncRefuse, FrameType.Ack],
        ["Waiting"] = [FrameType.Ack],
        ["Sending"] = [FrameType.Ack],
        ["Streaming"] = [FrameType.Ack, FrameType.WriteRequest, FrameType.TouchRequest],
    };

    private readonly CoreNode _master = CoreNode.Master(new ManualTimeProvider(), new NodeSettings { MaxConcurrentFullSyncs = 1 });

    public static TheoryData<string, byte> Unexpected
    {
        get
        {
            var data = new TheoryData<string, byte>();
            foreach ((string state, FrameType[] expected) in Expected)
            {
                foreach (FrameType type in Enum.GetValues<FrameType>().Except(expected).Where(type => type != FrameType.Error))
                {
                    data.Add(state, (byte)type);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> States => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Unexpected))]
    public void Receive_FrameThatCannotComeInThisState_ClosesWithAnErrorAndChangesNothing(string state, byte type)
    {
        ScriptedReplica replica = Reach(state);
        (long, UInt128) before = (_master.Offset, _master.Digest.Sum);

        replica.GiveBytes(FrameSamples.All.First(sample => sample.Type == (FrameType)type).Frame);

        Assert.True(replica.Session.IsClosed);
        Assert.Equal(
            state is "Connected" or "Greeted" or "Authenticated" ? CloseReason.HandshakeRefused : CloseReason.ProtocolViolation,
            replica.Session.ClosedFor);
        ErrorFrame error = replica.Take()[^1].Read<ErrorFrame>();
        Assert.Equal(ErrorCode.MalformedFrame, error.Code);
        Assert.Equal(before, (_master.Offset, _master.Digest.Sum));
        Assert.DoesNotContain(replica.Session, _master.Core.Sessions);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Receive_Error_ClosesWithThePeersReasonAndWithoutAnAnswer(string state)
    {
        ScriptedReplica replica = Reach(state);
        replica.Take();
        replica.Give(new ErrorFrame(ErrorCode.LimitsDoNotFit, "the peer's reason"));

        Assert.Contains("the peer's reason", replica.Session.CloseMessage, StringComparison.Ordinal);
        Assert.Contains(_master.Events.Lines, line => line.Contains("the peer's reason", StringComparison.Ordinal));
        Assert.Empty(replica.Take());
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Receive_CorruptByte_ClosesWithAnError(string state)
    {
        ScriptedReplica replica = Reach(state);
        byte[] frame = [.. FrameSamples.Get("ack").Frame];
        frame[^1] ^= 1;
        replica.GiveBytes(frame);

        Assert.True(replica.Session.IsClosed);
        Assert.Equal(FrameType.Error, replica.Take()[^1].Type);
    }

    [Theory]
    [Trait("Behaviour", "F3")]
    [InlineData("Connected", FrameLimits.BeforeAuthentication)]
    [InlineData("Greeted", FrameLimits.BeforeAuthentication)]
    [InlineData("Authenticated", FrameLimits.Control)]
    [InlineData("Streaming", FrameLimits.Control)]
    public void Receive_FrameThatAnnouncesMoreThanTheLimit_IsCutByItsFirstFourBytes(string state, int limit)
    {
        ScriptedReplica replica = Reach(state);
        byte[] length = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, limit);
        replica.GiveBytes(length);
        Assert.False(replica.Session.IsClosed);

        replica = Reach(state);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, limit + 1);
        replica.GiveBytes(length);
        Assert.True(replica.Session.IsClosed);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Ack_OutsideOfWhatWasSentAndAcknowledged_ClosesTheSession(int beyond)
    {
        _master.Set("key", "value");
        var replica = new ScriptedReplica(_master);
        replica.BeginStreaming();
        replica.Give(new AckFrame(_master.Offset, 0, 0, 0));
        Assert.Equal(_master.Offset, replica.Session.AckedOffset);

        replica.Give(new AckFrame(_master.Offset + beyond, 0, 0, 0));

        Assert.Equal(CloseReason.ProtocolViolation, replica.Session.ClosedFor);
    }

    private ScriptedReplica Reach(string state)
    {
        if (state == "Waiting")
        {
            new ScriptedReplica(_master, isLoopback: true).AskForFullSync();
        }

        var replica = new ScriptedReplica(_master);
        switch (state)
        {
            case "Connected":
                break;
            case "Greeted":
                replica.Give(Hellos.Hello());
                break;
            case "Authenticated":
                replica.Give(Hellos.Hello());
                replica.Give(new AuthenticateFrame(Array.Empty<byte>()));
                break;
            case "Identified":
                replica.ShakeHands();
                break;
            case "Offered":
                replica.ShakeHands();
                replica.Ask(ReplicationHistory.None, 0);
                break;
            case "Waiting":
            case "Sending":
                replica.AskForFullSync();
                Assert.Equal(state == "Waiting", replica.Session.State == ReplicaSessionState.WaitingForSnapshot);
                break;
            default:
                replica.BeginStreaming();
                break;
        }

        return replica;
    }
}
