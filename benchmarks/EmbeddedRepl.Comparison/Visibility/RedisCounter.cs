using System.Globalization;
using System.Text;
using EmbeddedRepl.Comparison.Redis;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>Redis's counter: a SET, with those of the other keys after it in one pipeline, and a GET, both by a blocking client with nothing between.</summary>
internal sealed class RedisCounter : ICounterWriter, ICounterReader, IDisposable
{
    private const int OtherKeys = 1 << 10;
    private const int Digits = 20;

    private readonly RedisClient _client;
    private readonly byte[] _set;
    private readonly byte[] _get = RedisClient.Format("GET", CacheCounter.Key);
    private readonly byte[][] _others;
    private readonly MemoryStream _pipeline = new();
    private readonly byte[] _reply = new byte[1024];
    private int _other;

    public RedisCounter(RedisServer server)
    {
        string value = new('0', EntryKeys.ValueSize);
        _client = server.Connect();
        _set = RedisClient.Format("SET", CacheCounter.Key, value);
        _others = [.. EntryKeys.CreateAll(OtherKeys).Select(key => RedisClient.Format("SET", key, value))];
    }

    public void Set(long number, int others)
    {
        // The value is what stands before the last line end.
        Encoding.ASCII.GetBytes(number.ToString("d20", CultureInfo.InvariantCulture), _set.AsSpan(_set.Length - 2 - EntryKeys.ValueSize));
        if (others == 0)
        {
            _client.Send(_set);
        }
        else
        {
            _pipeline.SetLength(0);
            _pipeline.Write(_set);
            for (int i = 0; i < others; i++)
            {
                _pipeline.Write(_others[_other++ % OtherKeys]);
            }

            _client.Send(_pipeline.GetBuffer().AsSpan(0, (int)_pipeline.Length));
        }

        for (int i = 0; i <= others; i++)
        {
            _client.ReadReply(_reply);
        }
    }

    public long Get()
    {
        _client.Send(_get);
        return _client.ReadReply(_reply) < 0 ? 0 : long.Parse(_reply.AsSpan(0, Digits), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _client.Dispose();
}
