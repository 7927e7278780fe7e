using System.Globalization;

namespace EmbeddedRepl.Tests.Hosting;

/// <summary>The Redis form, read as clients of Redis read it: lines, then the first colon, then commas and equals signs.</summary>
public sealed class RedisReplicationTextTests
{
    private const string Zeros = "0000000000000000000000000000000000000000";
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ReplicationId Id = new(Enumerable.Range(1, ReplicationId.Size).Select(i => (byte)i).ToArray());

    private static ReplicationInfo Master => new()
    {
        TakenAt = Now,
        Role = ReplicationRole.Master,
        ReplicationId = Id,
        PreviousReplicationId = ReplicationId.None,
        PreviousReplicationIdEnd = -1,
        ReplicationOffset = 1000,
        RunId = Zeros,
        EntryCount = 1,
        StoreBytes = 1,
        Digest = new string('0', 32),
        IsReady = true,
        BacklogActive = true,
        BacklogSize = 16 << 20,
        BacklogFirstOffset = 200,
        BacklogLength = 800,
    };

    private static ReplicationInfo Replica => Master with
    {
        Role = ReplicationRole.Replica,
        Master = "10.0.0.5:7000",
        LinkState = ReplicationLinkState.Streaming,
        LastMasterIoAge = TimeSpan.FromSeconds(3.9),
    };

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Master_WithoutReplicas_PrintsExactlyWhatRedisPrints()
    {
        string expected = string.Join(
            "\r\n",
            "# Replication",
            "role:master",
            "connected_slaves:0",
            "master_failover_state:no-failover",
            "master_replid:0102030405060708090a0b0c0d0e0f1011121314",
            "master_replid2:" + Zeros,
            "master_repl_offset:1000",
            "second_repl_offset:-1",
            "repl_backlog_active:1",
            "repl_backlog_size:16777216",
            "repl_backlog_first_byte_offset:200",
            "repl_backlog_histlen:800",
            string.Empty);

        Assert.Equal(expected, Master.ToRedisText());
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Master_WithReplicas_ListsThoseThatAreAttachedOrSyncing()
    {
        ReplicationInfo info = Master with
        {
            Replicas =
            [
                Attached("10.0.0.6:50001", ReplicaSessionState.Streaming, 990, 2.7),
                Attached("10.0.0.9:50004", ReplicaSessionState.Handshaking, 0, 0),
                Attached("[::1]:50002", ReplicaSessionState.SendingSnapshot, 0, 5),
                Attached("node-3:50003", ReplicaSessionState.WaitingForSnapshot, 0, 0),
                Attached("10.0.0.9:50005", ReplicaSessionState.Closed, 0, 0),
            ],
        };

        Dictionary<string, string> fields = Parse(info);

        Assert.Equal("3", fields["connected_slaves"]);
        Assert.Equal(
            new Dictionary<string, string> { ["ip"] = "10.0.0.6", ["port"] = "50001", ["state"] = "online", ["offset"] = "990", ["lag"] = "2" },
            ParseReplica(fields["slave0"]));
        Assert.Equal("send_bulk", ParseReplica(fields["slave1"])["state"]);
        Assert.Equal("::1", ParseReplica(fields["slave1"])["ip"]);
        Assert.Equal("0", ParseReplica(fields["slave1"])["lag"]);
        Assert.Equal("wait_bgsave", ParseReplica(fields["slave2"])["state"]);
        Assert.False(fields.ContainsKey("slave3"));
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Replica_ThatStreams_PrintsTheFieldsOfRedisInItsOrder()
    {
        string[] names =
        [
            "role", "master_host", "master_port", "master_link_status", "master_last_io_seconds_ago", "master_sync_in_progress",
            "slave_read_repl_offset", "slave_repl_offset", "slave_priority", "slave_read_only", "replica_announced", "connected_slaves",
            "master_failover_state", "master_replid", "master_replid2", "master_repl_offset", "second_repl_offset", "repl_backlog_active",
            "repl_backlog_size", "repl_backlog_first_byte_offset", "repl_backlog_histlen",
        ];

        Dictionary<string, string> fields = Parse(Replica);

        Assert.Equal(names, fields.Keys);
        Assert.Equal("slave", fields["role"]);
        Assert.Equal(("10.0.0.5", "7000"), (fields["master_host"], fields["master_port"]));
        Assert.Equal(("up", "3", "0"), (fields["master_link_status"], fields["master_last_io_seconds_ago"], fields["master_sync_in_progress"]));
        Assert.Equal(("1000", "1000"), (fields["slave_read_repl_offset"], fields["slave_repl_offset"]));
        Assert.Equal(("100", "1", "1"), (fields["slave_priority"], fields["slave_read_only"], fields["replica_announced"]));
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Replica_WhileItLoads_PrintsTheProgress()
    {
        Dictionary<string, string> fields = Parse(Replica with
        {
            LinkState = ReplicationLinkState.ReceivingSnapshot,
            SyncReceivedBytes = 12345,
            SyncPercent = 41.666,
            LinkDownSince = Now.AddSeconds(-8),
        });

        Assert.Equal(("down", "1", "-1"), (fields["master_link_status"], fields["master_sync_in_progress"], fields["master_last_io_seconds_ago"]));
        Assert.Equal(("0", "12345", "-12345"), (fields["master_sync_total_bytes"], fields["master_sync_read_bytes"], fields["master_sync_left_bytes"]));
        Assert.Equal(("41.67", "3"), (fields["master_sync_perc"], fields["master_sync_last_io_seconds_ago"]));
        Assert.Equal("8", fields["master_link_down_since_seconds"]);
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Replica_WithItsLinkDown_PrintsSinceWhen()
    {
        Dictionary<string, string> since = Parse(Replica with { LinkState = ReplicationLinkState.Connecting, LinkDownSince = Now.AddSeconds(-61.5) });
        Dictionary<string, string> never = Parse(Replica with { LinkState = ReplicationLinkState.Connecting });

        Assert.Equal(("down", "-1"), (since["master_link_status"], since["master_last_io_seconds_ago"]));
        Assert.Equal("61", since["master_link_down_since_seconds"]);
        Assert.Equal("-1", never["master_link_down_since_seconds"]);
        Assert.False(since.ContainsKey("master_sync_read_bytes"));
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void PromotedNode_PrintsTheHistoryThatItContinues()
    {
        Dictionary<string, string> fields = Parse(Master with { ReplicationId = ReplicationId.NewId(), PreviousReplicationId = Id, PreviousReplicationIdEnd = 900 });

        Assert.Equal(Id.ToString(), fields["master_replid2"]);
        Assert.Equal("900", fields["second_repl_offset"]);
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Master_ThatDemandsReplicas_PrintsHowManyAreGoodInRedisPlace()
    {
        ReplicationInfo info = Master with { MinReplicasToWrite = 2, GoodReplicas = 1, Replicas = [Attached("10.0.0.6:50001", ReplicaSessionState.Streaming, 990, 2.7)] };

        Assert.Contains("connected_slaves:1\r\nmin_slaves_good_slaves:1\r\nslave0:ip=", info.ToRedisText(), StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutABacklog_ItsWindowIsZeroAndItsSizeStays()
    {
        Dictionary<string, string> fields = Parse(Master with { BacklogActive = false });

        Assert.Equal(
            ("0", "16777216", "0", "0"),
            (fields["repl_backlog_active"], fields["repl_backlog_size"], fields["repl_backlog_first_byte_offset"], fields["repl_backlog_histlen"]));
    }

    [Fact]
    public void AddressThatForgesFields_IsNotPrinted()
    {
        ReplicationInfo info = Master with
        {
            Replicas = [Attached("x,state=online\r\nrole:slave\r\n:1", ReplicaSessionState.WaitingForSnapshot, 0, 0)],
        };

        Dictionary<string, string> fields = Parse(info);

        Assert.Equal("master", fields["role"]);
        Assert.Equal("?", ParseReplica(fields["slave0"])["ip"]);
    }

    [Fact]
    public void Numbers_InAnyCulture_AreRedisNumbers()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(string.Empty) { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };

            Dictionary<string, string> fields = Parse(Replica with { LinkState = ReplicationLinkState.ReceivingSnapshot, SyncReceivedBytes = 9, SyncPercent = 1.5 });

            Assert.Equal(("1.50", "-9", "-1"), (fields["master_sync_perc"], fields["master_sync_left_bytes"], fields["second_repl_offset"]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static ReplicaInfo Attached(string address, ReplicaSessionState state, long acked, double ackAgeSeconds) =>
        new(address, state, acked, 0, TimeSpan.FromSeconds(ackAgeSeconds), Zeros);

    private static Dictionary<string, string> Parse(ReplicationInfo info)
    {
        string text = info.ToRedisText();
        string[] lines = text.Split("\r\n");
        Assert.Equal("# Replication", lines[0]);
        Assert.Equal(string.Empty, lines[^1]);
        Assert.DoesNotContain('\n', text.Replace("\r\n", string.Empty, StringComparison.Ordinal));

        var fields = new Dictionary<string, string>();
        foreach (string line in lines[1..^1])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            fields.Add(line[..colon], line[(colon + 1)..]);
        }

        return fields;
    }

    private static Dictionary<string, string> ParseReplica(string value) =>
        value.Split(',').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
}
