using System.Diagnostics;
using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>Turns a node's counters into rates over the last second. Not for several threads at once.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Queue<(long Timestamp, NodeStats Stats)> _samples = new();

    /// <summary>Takes the node's counters as they are now.</summary>
    /// <param name="stats">The counters, or null if the node did not answer: its rates are then 0.</param>
    /// <returns>Reads and writes per second.</returns>
    public (double Reads, double Writes) Sample(NodeStats? stats)
    {
        if (stats is null)
        {
            _samples.Clear();
            return (0, 0);
        }

        // A restarted process counts from 0 again.
        if (_samples.TryPeek(out (long Timestamp, NodeStats Stats) first) && stats.Reads < first.Stats.Reads)
        {
            _samples.Clear();
        }

        long now = Stopwatch.GetTimestamp();
        _samples.Enqueue((now, stats));
        while (_samples.Count > 2 && Stopwatch.GetElapsedTime(_samples.Peek().Timestamp, now) > Window)
        {
            _samples.Dequeue();
        }

        (long oldest, NodeStats then) = _samples.Peek();
        double seconds = Stopwatch.GetElapsedTime(oldest, now).TotalSeconds;
        return seconds == 0 ? (0, 0) : ((stats.Reads - then.Reads) / seconds, (stats.Writes - then.Writes) / seconds);
    }
}
