using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using EmbeddedRepl.Tests.Protocol;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Every type of frame in every state of a link: what is not expected there ends the connection, and the data stays.</summary>
[Trait("Behaviour", "B7")]
public sealed class LinkFrameTests
{
    private static readonly Dictionary<string, FrameType[]> Expected = new()
    {
        ["Connected"] = [FrameType.HelloReply],
        ["Greeted"] = [FrameType.Authenticated],
        ["Authenticated"] = [FrameType.Identified],
        ["Asked"] = [FrameType.Continue, FrameType.FullSyncOffer, FrameType.NotNow, FrameType.Heartbeat, FrameType.UpstreamChanged],
        ["Accepted"] = [FrameType.FullSyncWait, FrameType.FullSyncStart, FrameType.NotNow, FrameType.Heartbeat, FrameType.UpstreamChanged],
        ["Loading"] = [FrameType.SnapshotChunk, FrameType.StreamChunk, FrameType.Heartbeat, FrameType.HistoryChanged, FrameType.SnapshotEnd, FrameType.UpstreamChanged],
        ["Streaming"] = [FrameType.StreamChunk, FrameType.Heartbeat, FrameType.HistoryChanged, FrameType.UpstreamChanged, FrameType.WriteReply],
    };

    private readonly CoreNode _replica;

    public LinkFrameTests()
    {
        // A former master, ordered to follow: it holds data, and lets them be replaced.
        _replica = CoreNode.Master(new ManualTimeProvider());
        _replica.Set("key", "value");
        _replica.Follow(isOrdered: true);
    }

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
    public void Receive_FrameThatCannotComeInThisState_ClosesWithAnErrorAndTheDataStays(string state, byte type)
    {
        ScriptedMaster master = Reach(state);
        master.Take();
        (long, UInt128) before = (_replica.Offset, _replica.Digest.Sum);

        master.GiveBytes(FrameSamples.All.First(sample => sample.Type == (FrameType)type).Frame);

        Assert.Equal(
            state is "Connected" or "Greeted" or "Authenticated" ? CloseReason.HandshakeRefused : CloseReason.ProtocolViolation,
            master.Link.ClosedFor);
        Assert.Equal(ErrorCode.MalformedFrame, master.TakeOne<ErrorFrame>().Code);
        Assert.Equal(before, (_replica.Offset, _replica.Digest.Sum));
        Assert.Equal("value", _replica.GetText("key"));
        Assert.Null(_replica.Core.Upstream!.Link);
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Receive_Error_ClosesWithTheMastersReason(string state)
    {
        ScriptedMaster master = Reach(state);
        master.Take();
        master.Give(new ErrorFrame(ErrorCode.Overrun, "the master's reason"));

        Assert.Contains("the master's reason", _replica.Core.Upstream!.DownReason, StringComparison.Ordinal);
        Assert.Empty(master.Take());
        Assert.Equal("value", _replica.GetText("key"));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Receive_CorruptByte_ClosesAndTheDataStays(string state)
    {
        ScriptedMaster master = Reach(state);
        byte[] frame = [.. FrameSamples.Get("heartbeat").Frame];
        frame[20] ^= 4;
        master.GiveBytes(frame);

        Assert.True(master.Link.IsClosed);
        Assert.Equal("value", _replica.GetText("key"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void StreamChunk_WithAGapOrARepetition_IsNotApplied(int shift)
    {
        ScriptedMaster master = Reach("Streaming");
        long offset = _replica.Offset;
        master.GiveStream(offset + shift, [0x91, 0x04]);

        Assert.Equal(CloseReason.ProtocolViolation, master.Link.ClosedFor);
        Assert.Equal(offset, _replica.Offset);
    }

    [Fact]
    public void StreamChunk_CutInsideARecord_AppliesOnlyWholeRecords()
    {
        ScriptedMaster master = Reach("Streaming");
        long offset = _replica.Offset;
        master.GiveStream(offset, [0x91]);
        Assert.Equal(offset, _replica.Offset);
        Assert.Equal("value", _replica.GetText("key"));

        master.GiveStream(offset + 1, [0x04]);
        Assert.Equal(offset + 2, _replica.Offset);
        Assert.Null(_replica.Get("key"));
    }

    [Fact]
    public void Continue_AtAnotherOffset_IsRefused()
    {
        ScriptedMaster master = Reach("Asked");
        ReplicationHistory own = _replica.Core.Data.History;
        master.Give(new ContinueFrame(own.Id, _replica.Offset + 1, own.OriginId, own.Ancestors));

        Assert.Equal(CloseReason.ProtocolViolation, master.Link.ClosedFor);
    }

    [Fact]
    public void Continue_OfAHistoryThatThisNodeIsNotOn_IsRefused()
    {
        ScriptedMaster master = Reach("Asked");
        master.Give(new ContinueFrame(Histories.Id(9), _replica.Offset, Histories.Id(9), []));

        Assert.Equal(CloseReason.ProtocolViolation, master.Link.ClosedFor);
        Assert.NotEqual(Histories.Id(9), _replica.Core.Data.History.Id);
    }

    private ScriptedMaster Reach(string state)
    {
        var master = new ScriptedMaster(_replica);
        ReplicationHistory own = _replica.Core.Data.History;
        if (state == "Connected")
        {
            return master;
        }

        master.Give(Hellos.Reply());
        if (state == "Greeted")
        {
            return master;
        }

        master.Give(new AuthenticatedFrame(Array.Empty<byte>()));
        if (state == "Authenticated")
        {
            return master;
        }

        master.Give(Hellos.Identified());
        if (state == "Asked")
        {
            return master;
        }

        if (state == "Streaming")
        {
            master.Give(new ContinueFrame(own.Id, _replica.Offset, own.OriginId, own.Ancestors));
            Assert.True(_replica.Core.IsLinkUp);
            return master;
        }

        master.Give(new FullSyncOfferFrame(Histories.Id(5), Histories.Id(5), 40, [], Override: false));
        if (state == "Loading")
        {
            master.Give(new FullSyncStartFrame(Histories.Id(5), Histories.Id(5), [], 40, 123, 1, 1));
            Assert.Equal(ReplicationLinkState.ReceivingSnapshot, master.Link.State);
        }

        return master;
    }
}
