using System.Diagnostics;

namespace EmbeddedRepl.Benchmarks.Strangers;

/// <summary>Looks every 200 µs at a replica for the clock that its master writes every millisecond, and keeps how late each new value came.</summary>
internal sealed class ReplicaWatch
{
    private readonly List<double> _late = [];
    private readonly Lock _lock = new();
    private volatile bool _isStopping;

    public ReplicaWatch(IReplicatedCache replica)
    {
        new Thread(() => Watch(replica)) { IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
    }

    public void Reset()
    {
        lock (_lock)
        {
            _late.Clear();
        }
    }

    public void Stop() => _isStopping = true;

    public string Describe()
    {
        lock (_lock)
        {
            double[] sorted = [.. _late.Order()];
            return sorted.Length == 0 ? "nothing came" : $"{sorted[sorted.Length / 2]:n2}, {sorted[sorted.Length * 99 / 100]:n1}, {sorted[^1]:n0} ms";
        }
    }

    private void Watch(IReplicatedCache replica)
    {
        Span<byte> value = stackalloc byte[8];
        long last = 0;
        while (!_isStopping)
        {
            if (replica.TryGet(MasterPart.ClockKey, value, out _) && BitConverter.ToInt64(value) is var written && written != last)
            {
                last = written;
                lock (_lock)
                {
                    _late.Add(Stopwatch.GetElapsedTime(written).TotalMilliseconds);
                }
            }

            Thread.Sleep(TimeSpan.FromMicroseconds(200));
        }
    }
}
