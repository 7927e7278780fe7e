using System.Diagnostics;
using EmbeddedRepl.Comparison;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>The master of a storm, and the one who writes to it at a steady rate and notes how long each call takes.</summary>
internal sealed class StormMaster : IDisposable
{
    private const int ValueSize = 100;
    private const int SingleWritesAtMost = 20;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly IReplicatedCache _cache;
    private readonly string[] _keys;
    private readonly Lock _lock = new();
    private Thread? _writer;
    private volatile bool _isEnding;
    private long _writes;
    private double _longest;

    public StormMaster(int entries, int receivers)
    {
        _keys = EntryKeys.CreateAll(entries);
        _cache = BenchmarkNode.Create(options =>
        {
            options.Role = ReplicationRole.Master;
            options.Listen.Add("127.0.0.1:0");
            options.RecoveryWindow = TimeSpan.Zero; // It begins empty, whatever the witness could offer.
            options.MaxReplicas = receivers + 1;
            options.MaxPendingHandshakes = receivers + 1;
        });
        EndPoint = _cache.GetReplicationInfo().ListenEndPoints[0];
    }

    public string EndPoint { get; }

    public ReplicationInfo Info => _cache.GetReplicationInfo();

    public long Writes => Volatile.Read(ref _writes);

    public static long WorkingSet
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return self.WorkingSet64;
        }
    }

    public void Fill()
    {
        foreach (string[] keys in _keys.Chunk(100))
        {
            _cache.SetMany(Batch(keys, 0), NoExpiration);
        }
    }

    public void BeginWrites(int perSecond)
    {
        _writer = new Thread(() => Write(perSecond)) { IsBackground = true, Name = "writer" };
        _writer.Start();
    }

    /// <summary>The longest call since the last question, in milliseconds.</summary>
    public double TakeLongestWrite()
    {
        lock (_lock)
        {
            double longest = _longest;
            _longest = 0;
            return longest;
        }
    }

    public void EndWrites()
    {
        _isEnding = true;
        _writer?.Join();
    }

    public void Dispose()
    {
        EndWrites();
        (_cache as IDisposable)?.Dispose();
    }

    private static KeyValuePair<string, ReadOnlyMemory<byte>>[] Batch(string[] keys, long number)
    {
        byte[] value = new byte[ValueSize];
        BitConverter.TryWriteBytes(value, number);
        return [.. keys.Select(key => new KeyValuePair<string, ReadOnlyMemory<byte>>(key, value))];
    }

    private void Write(int perSecond)
    {
        var random = new Random(1);
        long start = Stopwatch.GetTimestamp();
        while (!_isEnding)
        {
            long due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond) - _writes;
            if (due <= 0)
            {
                Thread.Sleep(1);
                continue;
            }

            // Single writes as long as they are few, batches when they are many; never more than a batch at a time, so that one call is one measure.
            int count = due <= SingleWritesAtMost ? 1 : (int)Math.Min(due, 100);
            KeyValuePair<string, ReadOnlyMemory<byte>>[] batch = Batch(
                [.. Enumerable.Range(0, count).Select(_ => _keys[random.Next(_keys.Length)])], _writes);
            long before = Stopwatch.GetTimestamp();
            _cache.SetMany(batch, NoExpiration);
            double took = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
            Volatile.Write(ref _writes, _writes + count);
            lock (_lock)
            {
                _longest = Math.Max(_longest, took);
            }
        }
    }
}
