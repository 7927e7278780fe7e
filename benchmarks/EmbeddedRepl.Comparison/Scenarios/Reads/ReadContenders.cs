using System.Collections.Concurrent;
using BitFaster.Caching.Lru;
using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;
using EmbeddedRepl.Comparison.Runner;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace EmbeddedRepl.Comparison.Scenarios.Reads;

/// <summary>All that can be read, filled with the same entries, each with arrays and strings of its own.</summary>
internal sealed class ReadContenders : IDisposable
{
    private const int Threads = 2;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();
    private static readonly TimeSpan LongEnough = TimeSpan.FromDays(1);

    private readonly LocalNode _master = LocalNode.StartMaster();
    private readonly LocalNode _replica;
    private readonly FusionCache _fusion = new(new FusionCacheOptions { DefaultEntryOptions = new FusionCacheEntryOptions(LongEnough) });
    private readonly ServiceProvider _hybridServices;
    private readonly RedisServer? _redisServer = ScenarioContext.HasRedis ? new RedisServer() : null;
    private readonly RedisClient[] _redisClients;

    public ReadContenders(int entries)
    {
        var dictionary = new ConcurrentDictionary<string, byte[]>();
        var bitFaster = new ConcurrentLru<string, byte[]>(Environment.ProcessorCount, entries * 2, StringComparer.Ordinal);
        MemoryDistributedCache memory = MemoryCache.Create();
        var hybridOptions = new HybridCacheEntryOptions { Expiration = LongEnough, LocalCacheExpiration = LongEnough };
        _hybridServices = new ServiceCollection().AddHybridCache(options => options.DefaultEntryOptions = hybridOptions).Services.BuildServiceProvider();
        HybridCache hybrid = _hybridServices.GetRequiredService<HybridCache>();

        for (int i = 0; i < entries; i++)
        {
            _master.Cache.Set(EntryKeys.Create(i), EntryValues.Create(i), NoExpiration);
            dictionary[EntryKeys.Create(i)] = EntryValues.Create(i);
            bitFaster.AddOrUpdate(EntryKeys.Create(i), EntryValues.Create(i));
            memory.Set(EntryKeys.Create(i), EntryValues.Create(i), NoExpiration);
            _fusion.Set(EntryKeys.Create(i), EntryValues.Create(i));
            hybrid.SetAsync(EntryKeys.Create(i), EntryValues.Create(i)).AsTask().GetAwaiter().GetResult();
        }

        _replica = LocalNode.StartReplica(_master);
        _redisClients = [.. Enumerable.Range(0, _redisServer is null ? 0 : Threads).Select(_ => _redisServer!.Connect())];
        if (_redisClients.Length > 0)
        {
            _redisClients[0].Fill(entries, EntryKeys.Create, EntryValues.CreateText);
        }

        Buffer = InProcess("ours, into a buffer", new BufferReader(_master.Cache));
        Array = InProcess("ours, as an array", new ArrayReader(_master.Cache));
        Replica = InProcess("ours on a replica", new BufferReader(_replica.Cache));
        Dictionary = InProcess("ConcurrentDictionary", new DictionaryReader(dictionary));
        BitFaster = InProcess("BitFaster", new BitFasterReader(bitFaster));
        Memory = InProcess("MemoryDistributedCache", new ArrayReader(memory));
        Fusion = InProcess("FusionCache", new FusionCacheReader(_fusion));
        Hybrid = InProcess("HybridCache", new HybridCacheReader(hybrid));
        Redis = _redisServer is null ? null : ReadContender.Of("Redis", [.. _redisClients.Select(client => new RedisReader(client))]);
    }

    public ReadContender Buffer { get; }

    public ReadContender Array { get; }

    public ReadContender Replica { get; }

    public ReadContender Dictionary { get; }

    public ReadContender BitFaster { get; }

    public ReadContender Memory { get; }

    public ReadContender Fusion { get; }

    public ReadContender Hybrid { get; }

    /// <summary>Null without a Redis.</summary>
    public ReadContender? Redis { get; }

    /// <summary>Those that read memory of this process.</summary>
    public IReadOnlyList<ReadContender> Local => [Buffer, Array, Replica, Dictionary, BitFaster, Memory, Fusion, Hybrid];

    public void Dispose()
    {
        _replica.Dispose();
        _master.Dispose();
        _fusion.Dispose();
        _hybridServices.Dispose();
        System.Array.ForEach(_redisClients, client => client.Dispose());
        _redisServer?.Dispose();
    }

    /// <summary>What lives in this process can be read by any number of threads at once.</summary>
    private static ReadContender InProcess<TReader>(string name, TReader reader)
        where TReader : struct, IReader => ReadContender.Of(name, [.. Enumerable.Repeat(reader, Threads)]);
}
