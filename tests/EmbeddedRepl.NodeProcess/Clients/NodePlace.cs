using EmbeddedRepl.Replication;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>Where a node stands: how often its data set was replaced by another one, and how far it is on which history.</summary>
/// <param name="Epoch">Counts the data sets that it served in this life.</param>
/// <param name="History">The line of the present one.</param>
/// <param name="Offset">How much of it is applied.</param>
internal readonly record struct NodePlace(int Epoch, ReplicationHistory History, long Offset)
{
    /// <summary>As it stands in a log.</summary>
    public string Text => $"{Epoch} {Short(History.Id)} {Offset}";

    /// <summary>Id and offset, and every ancestor with its end and what ended it.</summary>
    public string LineText =>
        string.Join(' ', History.Ancestors.Select(ancestor => $"{Short(ancestor.Id)}:{ancestor.EndOffset}:{ancestor.EndedBy.ToString()[0]}").Prepend($"{Short(History.Id)} {Offset}"));

    /// <summary>The first digits of an id: enough to tell those of one run apart.</summary>
    public static string Short(ReplicationId id) => id.IsNone ? "-" : id.ToString()[..16];
}
