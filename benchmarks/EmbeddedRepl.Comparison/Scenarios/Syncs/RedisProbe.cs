using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Syncs;

/// <summary>How long single SETs of random keys take, each with its answer.</summary>
internal sealed class RedisProbe : IDisposable
{
    private const int Capacity = 1_000_000;
    private const int SampleSize = 1 << 16;

    private readonly RedisClient _client;

    public RedisProbe(RedisServer server, int keys, int perSecond)
    {
        _client = server.Connect();
        var sets = new RandomSets(_client, keys, SampleSize, seed: keys, 'p');
        Calls = new LatencyProbe(perSecond, Capacity, _ => sets.Send(1));
    }

    /// <summary>The calls; nothing is recorded before it is opened.</summary>
    public LatencyProbe Calls { get; }

    public void Dispose()
    {
        Calls.Dispose();
        _client.Dispose();
    }
}
