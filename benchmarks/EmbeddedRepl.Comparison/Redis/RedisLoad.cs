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
        var random = new Random(keys);
        string value = new('l', EntryKeys.ValueSize);
        byte[][] commands = [.. Enumerable.Range(0, SampleSize).Select(_ => RedisClient.Format("SET", EntryKeys.Create(random.Next(keys)), value))];
        _client = server.Connect();
        byte[] batch = new byte[MostAtOnce * commands[0].Length];
        byte[] reply = new byte[64];
        long number = 0;
        _writer = new PacedWriter(perSecond, MostAtOnce, count =>
        {
            int length = 0;
            for (int i = 0; i < count; i++, number++)
            {
                byte[] command = commands[number % SampleSize];
                command.CopyTo(batch, length);
                length += command.Length;
            }

            _client.Send(batch.AsSpan(0, length));
            for (int i = 0; i < count; i++)
            {
                _client.ReadReply(reply);
            }
        });
    }

    /// <summary>How many SETs were answered.</summary>
    public long Written => _writer.Written;

    public void Dispose()
    {
        _writer.Dispose();
        _client.Dispose();
    }
}
