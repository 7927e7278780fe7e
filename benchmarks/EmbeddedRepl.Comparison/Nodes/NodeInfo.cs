using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>What a node says of itself.</summary>
/// <param name="Address">Where it listens, or "-".</param>
/// <param name="Offset">The end of what it has applied.</param>
/// <param name="Id">The history that it is on.</param>
/// <param name="Digest">The digest of all it holds.</param>
/// <param name="Entries">How many entries it holds.</param>
/// <param name="FullSyncs">Full syncs that it has begun to serve.</param>
/// <param name="PartialSyncs">Partial resyncs that it has served.</param>
internal sealed record NodeInfo(string Address, long Offset, string Id, string Digest, long Entries, long FullSyncs, long PartialSyncs)
{
    /// <summary>Of the same history, at the same place, with the same data.</summary>
    public bool HasSameDataAs(NodeInfo other) => (Offset, Id, Digest, Entries) == (other.Offset, other.Id, other.Digest, other.Entries);

    public static NodeInfo Of(IReplicatedCache cache)
    {
        ReplicationInfo info = cache.GetReplicationInfo();
        string address = info.ListenEndPoints.Count > 0 ? info.ListenEndPoints[0] : "-";
        return new NodeInfo(address, info.ReplicationOffset, info.ReplicationId.ToString(), info.Digest, info.EntryCount, info.SyncFull, info.SyncPartialOk);
    }

    public static NodeInfo Parse(string text)
    {
        string[] fields = text.Split(' ');
        long Number(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
        return new NodeInfo(fields[0], Number(1), fields[2], fields[3], Number(4), Number(5), Number(6));
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture, $"{Address} {Offset} {Id} {Digest} {Entries} {FullSyncs} {PartialSyncs}");
}
