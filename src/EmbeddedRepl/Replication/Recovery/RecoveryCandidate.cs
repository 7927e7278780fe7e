using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>A data set that a restarted master could go on from: its own, or one that a replica offers.</summary>
/// <param name="Holder">The process that holds it.</param>
/// <param name="History">Its history; none if there is nothing to give.</param>
/// <param name="Offset">Up to where it has the stream.</param>
/// <param name="EntryCount">How many entries it holds.</param>
/// <param name="Digest">The digest of its entries.</param>
/// <param name="Source">Where it is, or that more time is asked for.</param>
internal sealed record RecoveryCandidate(
    RunId Holder, ReplicationHistory History, long Offset, long EntryCount, UInt128 Digest, RecoverySource Source)
{
    /// <summary>Whether it is there, and is something.</summary>
    public bool IsUsable => Source != RecoverySource.Loading && !History.IsNone;

    /// <summary>Whether something would be lost without it.</summary>
    public bool HoldsData => IsUsable && EntryCount > 0;

    /// <summary>Whether an order has given it up, so that it counts only where nothing else is.</summary>
    public bool IsGivenUp => Source == RecoverySource.GivenUp;

    public static RecoveryCandidate Of(RunId holder, DataSet data, RecoverySource source = RecoverySource.Memory) =>
        new(holder, data.History, data.Offset, data.Store.Count, data.Store.Digest.Sum, source);

    /// <summary>What a node says that has nothing to give.</summary>
    public static RecoveryCandidate Nothing(RunId holder) => new(holder, ReplicationHistory.None, 0, 0, UInt128.Zero, RecoverySource.Memory);

    /// <summary>What a node says that asks for patience.</summary>
    public static RecoveryCandidate Later(RunId holder) => Nothing(holder) with { Source = RecoverySource.Loading };

    public static RecoveryCandidate From(in RecoveryOfferFrame frame) => new(
        frame.Holder, new ReplicationHistory(frame.Id, frame.OriginId, [.. frame.Ancestors]), frame.Offset, frame.EntryCount, frame.Digest, frame.Source);

    public RecoveryOfferFrame ToFrame() => new(
        Holder, History.Id, Offset, History.OriginId, History.Ancestors, EntryCount, Digest, Source);

    /// <summary>Whether it is word for word what was said before.</summary>
    public bool SaysTheSameAs(RecoveryCandidate? other) => other is not null && other.Holder == Holder && other.History.Id == History.Id
        && other.Offset == Offset && other.EntryCount == EntryCount && other.Digest == Digest && other.Source == Source;
}
