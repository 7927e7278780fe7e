using System.Collections.Concurrent;
using System.Text.Unicode;
using BitFaster.Caching.Lru;
using EmbeddedRepl.Comparison.Redis;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using ZiggyCreatures.Caching.Fusion;

namespace EmbeddedRepl.Comparison.Scenarios.Reads;

/// <summary>Ours, into the caller's buffer.</summary>
internal readonly struct BufferReader(IReplicatedCache cache) : IReader
{
    public ReadOnlySpan<byte> Read(string key, byte[] buffer) => cache.TryGet(key, buffer, out int length) ? buffer.AsSpan(0, length) : default;
}

/// <summary>Any <see cref="IDistributedCache"/>, as an array: ours, which is a new one, or that of Microsoft's in memory, which is the one it holds.</summary>
internal readonly struct ArrayReader(IDistributedCache cache) : IReader
{
    public ReadOnlySpan<byte> Read(string key, byte[] buffer) => cache.Get(key);
}

/// <summary>A dictionary, and the copy that makes the value the caller's own.</summary>
internal readonly struct DictionaryReader(ConcurrentDictionary<string, byte[]> dictionary) : IReader
{
    public ReadOnlySpan<byte> Read(string key, byte[] buffer)
    {
        if (!dictionary.TryGetValue(key, out byte[]? value))
        {
            return default;
        }

        value.CopyTo(buffer.AsSpan());
        return buffer.AsSpan(0, value.Length);
    }
}

/// <summary>BitFaster's cache, and the same copy.</summary>
internal readonly struct BitFasterReader(ConcurrentLru<string, byte[]> cache) : IReader
{
    public ReadOnlySpan<byte> Read(string key, byte[] buffer)
    {
        if (!cache.TryGet(key, out byte[]? value))
        {
            return default;
        }

        value.CopyTo(buffer.AsSpan());
        return buffer.AsSpan(0, value.Length);
    }
}

/// <summary>FusionCache without a second level.</summary>
internal readonly struct FusionCacheReader(FusionCache cache) : IReader
{
    public ReadOnlySpan<byte> Read(string key, byte[] buffer) => cache.GetOrDefault<byte[]>(key);
}

/// <summary>HybridCache without a second level; a factory that is called is a miss.</summary>
internal readonly struct HybridCacheReader(HybridCache cache) : IReader
{
    public ReadOnlySpan<byte> Read(string key, byte[] buffer)
    {
        ValueTask<byte[]?> value = cache.GetOrCreateAsync(key, static _ => ValueTask.FromResult<byte[]?>(null));
        return value.IsCompletedSuccessfully ? value.Result : value.AsTask().GetAwaiter().GetResult();
    }
}

/// <summary>A round trip to Redis, with nothing between but a socket.</summary>
internal readonly struct RedisReader(RedisClient client) : IReader
{
    public ReadOnlySpan<byte> Read(string key, byte[] buffer)
    {
        Span<byte> command = stackalloc byte[128];
        Utf8.TryWrite(command, $"*2\r\n$3\r\nGET\r\n${key.Length}\r\n{key}\r\n", out int length);
        client.Send(command[..length]);
        int size = client.ReadReply(buffer);
        return size < 0 ? default : buffer.AsSpan(0, size);
    }
}
