namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes when a restarted master takes what it lacks from its replicas.</summary>
internal static class RecoveryBugs
{
    private const string Order = "Replication/Recovery/RecoveryOrder.cs";
    private const string Recovery = "Replication/Recovery/MasterRecovery.cs";
    private const string Waiting = "Replication/Recovery/MasterRecovery.Waiting.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("a recovering master takes the shorter of two", Order, "first.Offset > second.Offset ? LineRelation.FirstIsAhead : LineRelation.SecondIsAhead", "first.Offset < second.Offset ? LineRelation.FirstIsAhead : LineRelation.SecondIsAhead"),
        new("a promoted line does not beat the line that it left", Order, "offset <= ancestor.EndOffset || ancestor.EndedBy == AncestorEnd.Promotion", "offset <= ancestor.EndOffset"),
        new("a recovering master takes one of two unrelated lines", Order, "other.EntryCount == 0", "true"),
        new("a recovery ends at its first answer", Waiting, "someoneNeedsTime |= !hasAnswered;", "someoneNeedsTime = false;"),
        new("a recovered master goes on under the id of its replicas", Recovery, "data.History.Continue(id, data.Offset, AncestorEnd.Restart)", "data.History"),
        new("a replica that was told to take other data offers its own", "Replication/Recovery/RecoveryOffering.cs", "_keeper.GivesUpData ? RecoverySource.GivenUp : _node.DataSource", "_node.DataSource"),
        new("a holder that has lost the bytes sends from where it can", "Replication/Recovery/RecoveryOffering.cs", "request.FromOffset >= data.Log.FirstOffset && request.FromOffset <= data.Offset", "request.FromOffset <= data.Offset"),
    ];
}
