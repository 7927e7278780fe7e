namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes in what a node may do in its role, and in chains.</summary>
internal static class RoleBugs
{
    private const string Roles = "Replication/NodeCore.Roles.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("a change of id is not told to sub-replicas", Roles, "session.AnnounceHistory(history, Data.Offset);", ""),
        new("a replica removes what has expired by its own clock", "Replication/Housekeeping.cs", "!node.IsSettledMaster || node.IsDraining", "node.IsLoading || node.IsDraining"),
        new("a master removes what has expired past its stream", "Replication/Housekeeping.cs", "data.Remove(data.Store.MakeKey(key))", "data.Store.Remove(data.Store.MakeKey(key))"),
        new("an order to follow a master holds for ever", "Replication/Replica/ReplicaLinkKeeper.cs", "IsOrdered = false;", ""),
    ];
}
