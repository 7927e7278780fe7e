using System.Collections.Immutable;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication;

/// <summary>
/// The line of descent of one data set: its current id, the ids it continued, and its very first id. Immutable; a change
/// of id makes a new object, so that a data set can swap all of it in one step.
/// </summary>
internal sealed class ReplicationHistory
{
    /// <summary>How many ancestors a node remembers.</summary>
    public const int MaxAncestors = 16;

    public static readonly ReplicationHistory None = new(ReplicationId.None, ReplicationId.None, []);

    public ReplicationHistory(ReplicationId id, ReplicationId originId, ImmutableArray<Ancestor> ancestors)
    {
        Id = id;
        OriginId = originId;
        Ancestors = ancestors;
    }

    public ReplicationId Id { get; }

    /// <summary>The very first id of this line, which survives every promotion and restart.</summary>
    public ReplicationId OriginId { get; }

    /// <summary>The ids that this history continued, newest first.</summary>
    public ImmutableArray<Ancestor> Ancestors { get; }

    public bool IsNone => Id.IsNone;

    /// <summary>Begins the history of a data set that has none.</summary>
    public static ReplicationHistory Begin(ReplicationId id) => new(id, id, []);

    /// <summary>
    /// Takes a new id at <paramref name="offset"/>. Every ancestor's end becomes at most that offset: what an ancestor
    /// wrote later is no part of this line.
    /// </summary>
    public ReplicationHistory Continue(ReplicationId newId, long offset, AncestorEnd endedBy)
    {
        var ancestors = ImmutableArray.CreateBuilder<Ancestor>(MaxAncestors);
        ancestors.Add(new Ancestor(Id, offset, endedBy));
        foreach (Ancestor ancestor in Ancestors)
        {
            if (ancestors.Count == MaxAncestors)
            {
                break;
            }

            // Whoever cuts the line shorter also decides what becomes of those that are past the cut: a restart that lost bytes of an
            // ancestor must not look like the promotion that once ended it.
            ancestors.Add(ancestor.EndOffset <= offset ? ancestor : ancestor with { EndOffset = offset, EndedBy = endedBy });
        }

        return new ReplicationHistory(newId, OriginId, ancestors.ToImmutable());
    }

    public bool TryFindAncestor(ReplicationId id, out Ancestor found)
    {
        foreach (Ancestor ancestor in Ancestors)
        {
            if (ancestor.Id == id)
            {
                found = ancestor;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>
    /// The history of a node at <paramref name="offset"/> without the newest ids of which it holds nothing: what it holds is what it held before. It took them
    /// in a restart and wrote nothing, or was told of them by a node that is further on, and has not got there.
    /// </summary>
    public ReplicationHistory WithoutUnusedIds(long offset)
    {
        ReplicationHistory history = this;
        while (history.Ancestors.Length > 0 && IsUnusedAfter(history.Ancestors[0], offset))
        {
            history = new ReplicationHistory(history.Ancestors[0].Id, OriginId, history.Ancestors.RemoveAt(0));
        }

        return history;
    }

    /// <summary>Whether a node at (<paramref name="id"/>, <paramref name="offset"/>) is on this line, so far as ids can tell.</summary>
    public bool Contains(ReplicationId id, long offset) =>
        !id.IsNone && (id == Id || (TryFindAncestor(id, out Ancestor ancestor) && offset <= ancestor.EndOffset));

    /// <summary>
    /// The id under which this line may know a node of another history at <paramref name="offset"/>: its own, or else the one that its bytes came under, because an id of
    /// which it holds nothing need not be on this line.
    /// </summary>
    public ReplicationId IdOf(ReplicationHistory other, long offset) =>
        other.IsNone || Contains(other.Id, offset) ? other.Id : other.WithoutUnusedIds(offset).Id;

    /// <summary>As <see cref="Contains"/>, whatever the id is called under which the other node was told to go on.</summary>
    public bool ContainsPosition(ReplicationHistory other, long offset) => Contains(IdOf(other, offset), offset);

    /// <summary>Exactly at its beginning, an id that was taken in a promotion says something all the same: that the rest of the old one does not count.</summary>
    private static bool IsUnusedAfter(in Ancestor last, long offset) =>
        last.EndOffset > offset || (last.EndOffset == offset && last.EndedBy == AncestorEnd.Restart);
}
