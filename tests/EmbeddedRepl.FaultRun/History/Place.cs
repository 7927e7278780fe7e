namespace EmbeddedRepl.FaultRun.History;

/// <summary>So many bytes of that history. Ids are as short as the logs have them.</summary>
internal readonly record struct Place(string Id, long Offset)
{
    public override string ToString() => $"{Id}:{Offset}";
}
