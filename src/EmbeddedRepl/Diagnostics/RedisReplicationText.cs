using System.Globalization;
using System.Text;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Diagnostics;

/// <summary>
/// Prints a <see cref="ReplicationInfo"/> as the section <c># Replication</c> of Redis 7's <c>INFO</c>, so that what reads Redis reads
/// this. Names, order, line ends and the cases in which a field is absent are Redis's (<c>genRedisInfoString</c> in
/// <c>src/server.c</c>). Offsets are this cache's own: exclusive ends that count from 0, where Redis numbers bytes from 1. So
/// <c>repl_backlog_first_byte_offset</c> plus <c>repl_backlog_histlen</c> is <c>master_repl_offset</c>.
/// </summary>
internal static class RedisReplicationText
{
    private static readonly string NoReplicationId = new('0', 2 * ReplicationId.Size);

    /// <summary>Prints the section, each line with a carriage return and a line feed at its end.</summary>
    public static string Format(ReplicationInfo info)
    {
        var text = new StringBuilder(1024);
        text.Append("# Replication\r\n");
        Line(text, "role", info.Role == ReplicationRole.Master ? "master" : "slave");
        if (info.Role == ReplicationRole.Replica)
        {
            AppendLink(text, info);
        }

        AppendReplicas(text, info);
        AppendHistory(text, info);
        AppendBacklog(text, info);
        return text.ToString();
    }

    private static void AppendLink(StringBuilder text, ReplicationInfo info)
    {
        bool isUp = info.LinkState == ReplicationLinkState.Streaming;
        bool isSyncing = info.LinkState == ReplicationLinkState.ReceivingSnapshot;
        (string host, int port) = Split(info.Master);
        Line(text, "master_host", host);
        Line(text, "master_port", port);
        Line(text, "master_link_status", isUp ? "up" : "down");

        // Without a working link Redis has no master object to ask and says -1; a transfer reports its own age below.
        long lastIo = Seconds(info.LastMasterIoAge);
        Line(text, "master_last_io_seconds_ago", isUp ? lastIo : -1);
        Line(text, "master_sync_in_progress", isSyncing ? 1 : 0);

        Line(text, "slave_read_repl_offset", Math.Max(info.ReceivedOffset, info.ReplicationOffset));
        Line(text, "slave_repl_offset", info.ReplicationOffset);
        if (isSyncing)
        {
            // A snapshot is sent from the live store, so its size is not known before its end; Redis without a disk file is in the
            // same position, and then says 0 in total and a negative rest.
            Line(text, "master_sync_total_bytes", 0);
            Line(text, "master_sync_read_bytes", info.SyncReceivedBytes);
            Line(text, "master_sync_left_bytes", -info.SyncReceivedBytes);
            Line(text, "master_sync_perc", info.SyncPercent.ToString("0.00", CultureInfo.InvariantCulture));
            Line(text, "master_sync_last_io_seconds_ago", lastIo);
        }

        if (!isUp)
        {
            Line(text, "master_link_down_since_seconds", Seconds(info.TakenAt - info.LinkDownSince));
        }

        Line(text, "slave_priority", info.Priority);
        Line(text, "slave_read_only", info.IsReadOnly ? 1 : 0);
        Line(text, "replica_announced", info.IsAnnounced ? 1 : 0);
    }

    private static void AppendReplicas(StringBuilder text, ReplicationInfo info)
    {
        var lines = new StringBuilder();
        int count = 0;
        foreach (ReplicaInfo replica in info.Replicas)
        {
            // A peer in the handshake is no replica yet, nor is a closed one any more; Redis does not list them either.
            string? state = replica.State switch
            {
                ReplicaSessionState.WaitingForSnapshot => "wait_bgsave",
                ReplicaSessionState.SendingSnapshot => "send_bulk",
                ReplicaSessionState.Streaming => "online",
                _ => null,
            };
            if (state is null)
            {
                continue;
            }

            (string host, int port) = Split(replica.Address);
            long lag = replica.State == ReplicaSessionState.Streaming ? Seconds(replica.LastAckAge) : 0;
            lines.Append(
                CultureInfo.InvariantCulture,
                $"slave{count}:ip={host},port={port},state={state},offset={replica.AckedOffset},lag={lag}\r\n");
            count++;
        }

        Line(text, "connected_slaves", count);
        if (info.MinReplicasToWrite > 0)
        {
            Line(text, "min_slaves_good_slaves", info.GoodReplicas);
        }

        text.Append(lines);
    }

    private static void AppendHistory(StringBuilder text, ReplicationInfo info)
    {
        Line(text, "master_failover_state", "no-failover");
        Line(text, "master_replid", info.ReplicationId.ToString());
        Line(text, "master_replid2", info.PreviousReplicationId.IsNone ? NoReplicationId : info.PreviousReplicationId.ToString());
        Line(text, "master_repl_offset", info.ReplicationOffset);
        Line(text, "second_repl_offset", info.PreviousReplicationId.IsNone ? -1 : info.PreviousReplicationIdEnd);
    }

    private static void AppendBacklog(StringBuilder text, ReplicationInfo info)
    {
        Line(text, "repl_backlog_active", info.BacklogActive ? 1 : 0);
        Line(text, "repl_backlog_size", info.BacklogSize);
        Line(text, "repl_backlog_first_byte_offset", info.BacklogActive ? info.BacklogFirstOffset : 0);
        Line(text, "repl_backlog_histlen", info.BacklogActive ? info.BacklogLength : 0);
    }

    /// <summary>
    /// Takes an address apart. One that is none is shown as a question mark, not as it is: a replica announces its own, and a comma or
    /// a line end in it would forge other fields.
    /// </summary>
    private static (string Host, int Port) Split(string? address) =>
        address is not null && HostEndPoint.TryParse(address, out HostEndPoint parsed, out _) ? (parsed.Host, parsed.Port) : ("?", 0);

    /// <summary>Whole seconds, rounded down; -1 when unknown, 0 for a clock that was set back meanwhile.</summary>
    private static long Seconds(TimeSpan? age) => age is { } known ? Math.Max(0, (long)known.TotalSeconds) : -1;

    private static void Line(StringBuilder text, string name, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\r\n");

    private static void Line(StringBuilder text, string name, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\r\n");
}
