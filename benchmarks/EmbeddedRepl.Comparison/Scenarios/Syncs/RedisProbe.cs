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
        var random = new Random(keys);
        string value = new('p', EntryKeys.ValueSize);
        byte[][] commands = [.. Enumerable.Range(0, SampleSize).Select(_ => RedisClient.Format("SET", EntryKeys.Create(random.Next(keys)), value))];
        byte[] reply = new byte[64];
        _client = server.Connect();
        Calls = new LatencyProbe(perSecond, Capacity, number =>
        {
            _client.Send(commands[number % SampleSize]);
            _client.ReadReply(reply);
        });
    }

    /// <summary>The calls; nothing is recorded before it is opened.</summary>
    public LatencyProbe Calls { get; }

    public void Dispose()
    {
        Calls.Dispose();
        _client.Dispose();
    }
}
