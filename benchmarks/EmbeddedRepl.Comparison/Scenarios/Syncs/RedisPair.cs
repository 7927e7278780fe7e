using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Syncs;

/// <summary>A Redis with data, and one that runs beside it and is told to follow it.</summary>
internal sealed class RedisPair : IDisposable
{
    private readonly RedisClient _master;
    private readonly RedisClient _replica;

    /// <param name="entries">How many entries the master has.</param>
    /// <param name="settings">More arguments of both.</param>
    public RedisPair(int entries, params string[] settings)
    {
        Master = new RedisServer(null, settings);
        _master = Master.Connect();
        _master.Fill(entries, EntryKeys.ValueSize);
        Replica = new RedisServer(null, settings);
        _replica = Replica.Connect();
    }

    public RedisServer Master { get; }

    public RedisServer Replica { get; }

    /// <summary>Full syncs that the master has begun.</summary>
    public long FullSyncs => Count("sync_full");

    /// <summary>Partial resyncs that the master has served.</summary>
    public long PartialSyncs => Count("sync_partial_ok");

    /// <inheritdoc cref="NodePair.EmptyReplica"/>
    public void EmptyReplica()
    {
        _replica.Command("REPLICAOF", "NO", "ONE");
        _replica.Command("FLUSHALL", "SYNC");
    }

    /// <inheritdoc cref="NodePair.Attach"/>
    public double Attach()
    {
        long fullSyncs = FullSyncs;
        long start = Stopwatch.GetTimestamp();
        Follow();
        Replica.WaitForSync();
        Replica.WaitForOffset(Master.Offset);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        long served = FullSyncs - fullSyncs;
        ScenarioContext.Require(served == 1, $"The Redis replica needed {served} full syncs.");
        return milliseconds;
    }

    /// <inheritdoc cref="NodePair.Follow"/>
    public void Follow() => Follow(Master.Port);

    /// <inheritdoc cref="NodePair.Lead"/>
    public void Lead(Nowhere nowhere) => Follow(nowhere.Port);

    /// <summary>Sets the first keys to a value of that letter.</summary>
    public void Fill(int count, char letter) => _master.Fill(count, EntryKeys.ValueSize, letter);

    /// <inheritdoc cref="NodePair.RequireSameData"/>
    public void RequireSameData()
    {
        Replica.WaitForOffset(Master.Offset);
        string? master = _master.Command("DBSIZE");
        string? replica = _replica.Command("DBSIZE");
        ScenarioContext.Require(master == replica, $"The Redis replica has {replica} entries, its master {master}.");
    }

    public void Dispose()
    {
        _replica.Dispose();
        _master.Dispose();
        Replica.Dispose();
        Master.Dispose();
    }

    private void Follow(int port) => _replica.Command("REPLICAOF", "127.0.0.1", port.ToString(CultureInfo.InvariantCulture));

    private long Count(string field) => long.Parse(RedisServer.Info(_master, field, "stats"), CultureInfo.InvariantCulture);
}
