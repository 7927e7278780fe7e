using System.Buffers;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>Data sets as a replica has them, without a link that brings anything.</summary>
internal static class DataSets
{
    // The same in each run, so that entries lie in the same order and tables grow at the same time.
    private static readonly StoreSeed Seed = new(1, 2);

    // So small that it is full at once, as it is after a while in a service.
    private const long BacklogSize = 256 << 10;

    /// <summary>A replica that was not started.</summary>
    public static ReplicatedNode CreateReplica() =>
        new(new ReplicatedCacheOptions { Master = "127.0.0.1:1", BacklogSize = BacklogSize }, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>An empty data set.</summary>
    public static DataSet Create(ReplicatedNode node) => node.Core.CreateDataSet(ReplicationHistory.None, 0, Seed);

    /// <summary>A data set with the first entries.</summary>
    public static DataSet Create(ReplicatedNode node, int entries)
    {
        DataSet data = Create(node);
        lock (node.Core.Gate)
        {
            for (int i = 0; i < entries; i++)
            {
                data.Set(data.Store.MakeKey(RecordSamples.Key(i)), new ReadOnlySequence<byte>(EntryValues.Create(i)), EntryExpiration.None);
            }
        }

        return data;
    }
}
