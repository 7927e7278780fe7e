using System.Globalization;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

public class InspectionTests
{
    /// <summary>What Redis 7 prints on a master and on a replica alike.</summary>
    private static readonly string[] CommonFields =
    [
        "role", "connected_slaves", "master_failover_state", "master_replid", "master_replid2", "master_repl_offset", "second_repl_offset",
        "repl_backlog_active", "repl_backlog_size", "repl_backlog_first_byte_offset", "repl_backlog_histlen",
    ];

    private static readonly string[] ReplicaFields =
    [
        "master_host", "master_port", "master_link_status", "master_last_io_seconds_ago", "master_sync_in_progress", "slave_read_repl_offset",
        "slave_repl_offset", "slave_priority", "slave_read_only", "replica_announced",
    ];

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Information_OnMasterReplicaAndMiddleNode_SaysWhatIsTrueThere()
    {
        using TestNode master = TestNode.Master(options => options.BacklogSize = 1 << 20).Fill(100, 100);
        using TestNode middle = TestNode.Replica(
            master.EndPoint,
            options =>
            {
                options.Listen.Add("127.0.0.1:0");
                options.BacklogSize = 1 << 20;
            }).WaitForStreaming();
        using TestNode last = TestNode.Replica(middle.EndPoint, options => options.BacklogSize = 1 << 20).WaitForStreaming();
        master.Fill(50, 100, "streamed");
        last.WaitUntilIdenticalTo(master);
        middle.WaitUntilIdenticalTo(master);
        foreach (TestNode upstream in new[] { master, middle })
        {
            upstream.WaitFor(info => info.Replicas is [{ State: ReplicaSessionState.Streaming, LagBytes: 0 }], "all is acknowledged");
        }

        ReplicationInfo ofMaster = master.Info;
        AssertSame(ofMaster, middle.Info);
        AssertSame(ofMaster, last.Info);
        Assert.Equal((ReplicationRole.Master, null, true, true), (ofMaster.Role, ofMaster.Master, ofMaster.IsReady, ofMaster.BacklogActive));
        Assert.Equal((0, ofMaster.ReplicationOffset), (ofMaster.BacklogFirstOffset, ofMaster.BacklogLength));
        Assert.Equal((ReplicationRole.Replica, master.EndPoint, ReplicationLinkState.Streaming), (middle.Info.Role, middle.Info.Master, middle.Info.LinkState));
        Assert.Equal((ReplicationRole.Replica, middle.EndPoint, ReplicationLinkState.Streaming), (last.Info.Role, last.Info.Master, last.Info.LinkState));
        Assert.Equal(middle.Info.RunId, ofMaster.Replicas[0].RunId);
        Assert.Equal(last.Info.RunId, middle.Info.Replicas[0].RunId);
        Assert.Empty(last.Info.Replicas);
        Assert.All(new[] { middle.Info, last.Info }, info => Assert.Equal((0, null, null), (info.LagBytes, info.LinkDownSince, info.LinkDownReason)));
        Assert.All(new[] { middle.Info, last.Info }, info => Assert.Equal((1, 0), (info.FullSyncsCompleted, info.PartialResyncsCompleted)));
        Assert.All(new[] { middle.Info, last.Info }, info => Assert.InRange(info.LastMasterIoAge!.Value, TimeSpan.Zero, TestNode.Patience));

        // Contiguous bytes of a replica's backlog begin where its snapshot began.
        Assert.Equal(middle.Info.ReplicationOffset, middle.Info.BacklogFirstOffset + middle.Info.BacklogLength);
        Assert.InRange(middle.Info.BacklogFirstOffset, 1, ofMaster.ReplicationOffset);
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Text_OnMasterReplicaAndMiddleNode_ParsesAsRedisDoes()
    {
        using TestNode master = TestNode.Master().Fill(100, 100);
        using TestNode middle = TestNode.Replica(master.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode last = TestNode.Replica(middle.EndPoint).WaitForStreaming();
        last.WaitUntilEqualTo(master);
        Assert.All(new[] { master, middle }, node => node.WaitFor(info => info.Replicas is [{ LagBytes: 0 }], "all is acknowledged"));

        Dictionary<string, string> ofMaster = Parse(master);
        Dictionary<string, string> ofMiddle = Parse(middle);
        Dictionary<string, string> ofLast = Parse(last);
        Assert.Equal(CommonFields.Append("slave0").Order(), ofMaster.Keys.Order());
        Assert.Equal(CommonFields.Concat(ReplicaFields).Append("slave0").Order(), ofMiddle.Keys.Order());
        Assert.Equal(CommonFields.Concat(ReplicaFields).Order(), ofLast.Keys.Order());
        Assert.Equal(("master", "1"), (ofMaster["role"], ofMaster["connected_slaves"]));
        Assert.Equal(("slave", "1", "up"), (ofMiddle["role"], ofMiddle["connected_slaves"], ofMiddle["master_link_status"]));
        Assert.Equal(("slave", "0", "up"), (ofLast["role"], ofLast["connected_slaves"], ofLast["master_link_status"]));
        Assert.Equal(master.EndPoint, $"{ofMiddle["master_host"]}:{ofMiddle["master_port"]}");
        string offset = master.Info.ReplicationOffset.ToString(CultureInfo.InvariantCulture);
        Assert.All(new[] { ofMaster, ofMiddle, ofLast }, text => Assert.Equal(offset, text["master_repl_offset"]));
        Assert.All(new[] { ofMaster, ofMiddle, ofLast }, text => Assert.Equal(ofMaster["master_replid"], text["master_replid"]));
        Assert.Matches($"^ip=127\\.0\\.0\\.1,port=\\d+,state=online,offset={offset},lag=[01]$", ofMaster["slave0"]);
        Assert.Matches($"^ip=127\\.0\\.0\\.1,port=\\d+,state=online,offset={offset},lag=[01]$", ofMiddle["slave0"]);
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Information_DuringAFullSyncAndWithTheLinkDown_IsThatOfTheState()
    {
        using TestNode master = TestNode.Master(options => options.LinkTimeout = TimeSpan.FromMinutes(2)).Fill(48_000, 1_000);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 4);
        proxy.ToClient.BytesPerSecond = 8 << 20;
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), options => options.LinkTimeout = TimeSpan.FromMinutes(2));
        replica.WaitFor(info => info.SyncPercent > 0, "the snapshot has begun");
        proxy.Stall(true);

        ReplicationInfo loading = replica.Info;
        Assert.Equal((ReplicationLinkState.ReceivingSnapshot, false, 0), (loading.LinkState, loading.IsReady, loading.EntryCount));
        Assert.InRange(loading.SyncPercent, 0.001, 99.999);
        Assert.InRange(loading.SyncReceivedBytes, 1, 48_000 * 1_100);
        Dictionary<string, string> text = Parse(replica);
        Assert.Equal(("down", "1"), (text["master_link_status"], text["master_sync_in_progress"]));

        // What was under way when the connection was stalled may still come in between two looks.
        Assert.InRange(long.Parse(text["master_sync_read_bytes"], CultureInfo.InvariantCulture), loading.SyncReceivedBytes, replica.Info.SyncReceivedBytes);
        Assert.Equal(ReplicaSessionState.SendingSnapshot, master.Info.Replicas[0].State);
        Assert.Contains("state=send_bulk", Parse(master)["slave0"], StringComparison.Ordinal);

        proxy.Stall(false);
        proxy.ToClient.BytesPerSecond = 0;
        replica.WaitForStreaming();
        Assert.Equal((0, 0), (replica.Info.SyncPercent, replica.Info.SyncReceivedBytes));
        proxy.IsRefusing = true;
        proxy.ResetAll();
        replica.WaitFor(info => info.LinkState == ReplicationLinkState.Disconnected && info.LinkDownReason is not null, "the link is down");
        text = Parse(replica);
        Assert.Equal("down", text["master_link_status"]);
        Assert.InRange(int.Parse(text["master_link_down_since_seconds"], CultureInfo.InvariantCulture), 0, 60);
        master.WaitFor(info => info.Replicas.Count == 0, "the master has noticed");
        Assert.Equal("0", Parse(master)["connected_slaves"]);
    }

    [Fact]
    [Trait("Behaviour", "I5")]
    public void Information_ReadInALoopUnderLoad_StopsNeitherReadersNorWriters()
    {
        using TestNode master = TestNode.Master().Fill(1_000, 100);
        using TestNode replica = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using Worker infoOfMaster = Worker.Repeat(_ => Assert.Equal(ReplicationRole.Master, master.Info.Role));
        using Worker infoOfReplica = Worker.Repeat(_ => Assert.Equal(1_000, replica.Info.EntryCount));
        using Worker reader = Worker.Repeat(i => Assert.NotNull(replica.Get($"key {i % 1_000}")));
        using Worker writer = Worker.Repeat(i => master.Set($"key {i % 1_000}", BitConverter.GetBytes(i)));

        // Each of them gets far while all the others go on: nobody waits for anybody for long.
        foreach (Worker worker in new[] { infoOfMaster, infoOfReplica, reader, writer })
        {
            worker.WaitForSteps(2_000);
        }

        foreach (Worker worker in new[] { writer, infoOfMaster, infoOfReplica, reader })
        {
            worker.Stop();
        }

        replica.WaitUntilIdenticalTo(master);
        Assert.Equal((1, 0), (master.Info.SyncFull, master.Info.OutputLimitDisconnects));
    }

    private static void AssertSame(ReplicationInfo expected, ReplicationInfo actual) => Assert.Equal(
        (expected.ReplicationId, expected.PreviousReplicationId, expected.ReplicationOffset, expected.EntryCount, expected.Digest, expected.BacklogSize),
        (actual.ReplicationId, actual.PreviousReplicationId, actual.ReplicationOffset, actual.EntryCount, actual.Digest, actual.BacklogSize));

    /// <summary>As Redis' clients do it: lines end in CR LF, the first colon ends the name, no name comes twice.</summary>
    private static Dictionary<string, string> Parse(TestNode node)
    {
        string[] lines = node.Info.ToRedisText().Split("\r\n");
        Assert.Equal(("# Replication", ""), (lines[0], lines[^1]));
        return lines[1..^1].Select(line => line.Split(':', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
    }
}
