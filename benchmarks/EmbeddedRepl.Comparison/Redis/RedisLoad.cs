using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Redis;

/// <summary>SETs of random keys at a steady rate, pipelined on one connection, from a thread of this process.</summary>
internal sealed class RedisLoad : IDisposable
{
    private const int MostAtOnce = 1_000;
    private const int SampleSize = 1 << 16;

    private readonly RedisClient _client;
    private readonly PacedWriter _writer;

    /// <summary>Begins.</summary>
    /// <param name="server">Where.</param>
    /// <param name="keys">Keys below this number.</param>
    /// <param name="perSecond">SETs a second.</param>
    public RedisLoad(RedisServer server, int keys, int perSecond)
    {
        _client = server.Connect();
        var sets = new RandomSets(_client, keys, SampleSize, seed: keys, 'l');
        _writer = new PacedWriter(perSecond, MostAtOnce, sets.Send);
    }

    /// <summary>How many SETs were answered.</summary>
    public long Written => _writer.Written;

    public void Dispose()
    {
        _writer.Dispose();
        _client.Dispose();
    }
}
