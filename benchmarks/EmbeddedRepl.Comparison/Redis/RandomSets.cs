using System.Buffers;

namespace EmbeddedRepl.Comparison.Redis;

/// <summary>SETs of random keys to one value, which lie ready, so that sending them costs next to nothing. For one thread.</summary>
/// <param name="client">Where they go.</param>
/// <param name="keys">Keys below this number.</param>
/// <param name="sampleSize">How many lie ready, and are taken again and again.</param>
/// <param name="seed">Decides which keys.</param>
/// <param name="letter">What the value consists of.</param>
internal sealed class RandomSets(RedisClient client, int keys, int sampleSize, int seed, char letter)
{
    private readonly byte[][] _commands =
        [.. EntryKeys.CreateSample(keys, sampleSize, seed).Select(key => RedisClient.Format("SET", key, new string(letter, EntryKeys.ValueSize)))];

    private readonly ArrayBufferWriter<byte> _pipeline = new();
    private readonly byte[] _reply = new byte[64];
    private long _next;

    /// <summary>Sends the next ones in one pipeline, and waits for their answers.</summary>
    public void Send(int count)
    {
        _pipeline.ResetWrittenCount();
        for (int i = 0; i < count; i++)
        {
            _pipeline.Write(_commands[_next++ % _commands.Length]);
        }

        client.Send(_pipeline.WrittenSpan);
        for (int i = 0; i < count; i++)
        {
            client.ReadReply(_reply);
        }
    }
}
