using System.Globalization;
using EmbeddedRepl.Comparison.Runner;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A writer in a node's process that goes on while the node is asked other things.</summary>
internal sealed class BackgroundLoad : IDisposable
{
    private const int MostAtOnce = 1_000;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private PacedWriter? _writer;

    /// <summary>Begins to overwrite random keys, one a call, each time with another value.</summary>
    /// <param name="cache">Where.</param>
    /// <param name="keys">Keys below this number.</param>
    /// <param name="perSecond">Writes a second.</param>
    public string Start(IReplicatedCache cache, int keys, int perSecond)
    {
        string[] sample = EntryKeys.CreateSample(keys, Writers.SampleSize, seed: keys);
        byte[] value = new byte[EntryKeys.ValueSize];
        long number = 0;
        _writer = new PacedWriter(perSecond, MostAtOnce, count =>
        {
            for (; count > 0; count--, number++)
            {
                BitConverter.TryWriteBytes(value, number);
                cache.Set(sample[number % sample.Length], value, NoExpiration);
            }
        });
        return ChildLoop.Done;
    }

    /// <summary>How many writes are done.</summary>
    public string Written() => _writer!.Written.ToString(CultureInfo.InvariantCulture);

    /// <summary>Ends it; returns how many writes there were.</summary>
    public string Stop()
    {
        _writer!.Dispose();
        return Written();
    }

    public void Dispose() => _writer?.Dispose();
}
