using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Runner;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>How long single writes take in the process of the node, and what the node's other threads use meanwhile.</summary>
internal sealed class WriteProbe : IDisposable
{
    /// <summary>How many latencies are kept until they are taken.</summary>
    public const int Capacity = 2_000_000;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private LatencyProbe? _probe;
    private double _othersBefore;

    private double OthersMilliseconds => Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds - _probe!.ProcessorMilliseconds;

    /// <summary>Begins to overwrite random keys at a steady pace, each time with another value.</summary>
    public string Start(IReplicatedCache cache, int keys, int perSecond)
    {
        string[] sample = EntryKeys.CreateSample(keys, Writers.SampleSize, seed: keys);
        byte[] value = new byte[EntryKeys.ValueSize];
        _probe = new LatencyProbe(perSecond, Capacity, number =>
        {
            BitConverter.TryWriteBytes(value, number);
            cache.Set(sample[number % sample.Length], value, NoExpiration);
        });
        return ChildLoop.Done;
    }

    /// <summary>Begins to record.</summary>
    public string Open()
    {
        _othersBefore = OthersMilliseconds;
        _probe!.Open();
        return ChildLoop.Done;
    }

    /// <summary>Ends recording.</summary>
    /// <returns>Milliseconds of processor time that all other threads of this process used meanwhile.</returns>
    public string Close()
    {
        _probe!.Close();
        return (OthersMilliseconds - _othersBefore).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What was recorded in all windows since this was last asked.</summary>
    public string Take() => _probe!.Take().Format();

    public string Stop()
    {
        Dispose();
        return ChildLoop.Done;
    }

    public void Dispose()
    {
        _probe?.Dispose();
        _probe = null;
    }
}
