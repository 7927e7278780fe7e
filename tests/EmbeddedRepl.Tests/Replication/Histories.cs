using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Histories with ids that a number names.</summary>
internal static class Histories
{
    public static ReplicationId Id(int number)
    {
        byte[] bytes = new byte[ReplicationId.Size];
        bytes[0] = 1;
        bytes[^1] = (byte)number;
        return new ReplicationId(bytes);
    }

    public static ReplicationHistory Begin(int number) => ReplicationHistory.Begin(Id(number));

    /// <summary>A history that began with id 0 and took the ids 1 to <paramref name="changes"/>, each at 100 times its number.</summary>
    public static ReplicationHistory Line(int changes, AncestorEnd endedBy = AncestorEnd.Promotion)
    {
        ReplicationHistory history = Begin(0);
        for (int i = 1; i <= changes; i++)
        {
            history = history.Continue(Id(i), i * 100, endedBy);
        }

        return history;
    }
}
