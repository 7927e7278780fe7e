namespace EmbeddedRepl.Replication;

/// <summary>What "promote only if this node is at offset X (of id Y)" asks for: a pure comparison, made in the same step as the promotion.</summary>
internal static class PromotionCondition
{
    /// <summary>
    /// Whether the node is where it must be. A master is, too, if it was made one exactly there: whoever did not hear the answer to a
    /// promotion may ask for it again.
    /// </summary>
    public static bool IsMet(PromotionOptions options, ReplicationHistory history, long offset, bool isMaster)
    {
        if (options is { OnlyAtOffset: null, OnlyOfId: null } || Matches(options, history.Id, offset))
        {
            return true;
        }

        return isMaster && history.Ancestors is [{ EndedBy: Protocol.AncestorEnd.Promotion } before, ..] && Matches(options, before.Id, before.EndOffset);
    }

    /// <exception cref="PromotionRefusedException">The node is elsewhere.</exception>
    public static void ThrowIfNotMet(PromotionOptions options, DataSet data, bool isMaster)
    {
        if (!IsMet(options, data.History, data.Offset, isMaster))
        {
            string wanted = (options.OnlyAtOffset, options.OnlyOfId) switch
            {
                ({ } at, { } of) => $"offset {at} of {of}",
                ({ } at, null) => $"offset {at}",
                (_, { } of) => of.ToString(),
                _ => "anything",
            };
            throw new PromotionRefusedException(
                $"This node was not promoted: it is at offset {data.Offset} of {data.History.Id}, and the order was for {wanted} only.",
                data.History.Id,
                data.Offset);
        }
    }

    private static bool Matches(PromotionOptions options, ReplicationId id, long offset) =>
        (options.OnlyAtOffset ?? offset) == offset && (options.OnlyOfId ?? id) == id;
}
