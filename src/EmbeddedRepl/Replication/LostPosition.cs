using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication;

/// <summary>How much of its own history a node gives up when it takes over another one: a pure function of the two.</summary>
internal static class LostPosition
{
    /// <summary>
    /// Bytes of the own stream that are not part of the other history, such as what an old master wrote after its replica had been promoted;
    /// null if the two have nothing in common.
    /// </summary>
    public static long? BytesBeyond(ReplicationHistory own, long ownOffset, ReplicationHistory other, long otherOffset)
    {
        if (CommonEnd(own.Id, ownOffset, other, otherOffset) is { } end)
        {
            return ownOffset - end;
        }

        foreach (Ancestor ancestor in own.Ancestors)
        {
            // A node that was told of its id and has not got there ends before its ancestor does.
            if (CommonEnd(ancestor.Id, Math.Min(ancestor.EndOffset, ownOffset), other, otherOffset) is { } common)
            {
                return ownOffset - common;
            }
        }

        return null;
    }

    private static long? CommonEnd(ReplicationId id, long end, ReplicationHistory other, long otherOffset)
    {
        end = Math.Min(end, otherOffset);
        if (id == other.Id)
        {
            return end;
        }

        return other.TryFindAncestor(id, out Ancestor ancestor) ? Math.Min(end, ancestor.EndOffset) : null;
    }
}
