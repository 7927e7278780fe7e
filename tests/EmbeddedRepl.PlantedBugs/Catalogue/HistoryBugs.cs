namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes in what a history is, and in the decision between partial and full.</summary>
internal static class HistoryBugs
{
    private const string History = "Replication/ReplicationHistory.cs";
    private const string Decision = "Replication/SyncDecision.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("the first byte of the backlog counts as gone", Decision, "askedOffset >= backlogFirst", "askedOffset > backlogFirst"),
        new("the backlog is taken for longer than it is", Decision, "askedOffset <= backlogEnd", "askedOffset <= backlogEnd + 100"),
        new("a replica that lags offers a full sync instead of saying not now", Decision, "isReplica ? SyncAnswer.NotNow : SyncAnswer.Full", "SyncAnswer.Full"),
        new("where an ancestor ended is not looked at", History, "offset <= ancestor.EndOffset", "offset >= 0"),
        new("ends of ancestors are not clamped", History, "ancestor.EndOffset <= offset ? ancestor : ancestor with { EndOffset = offset, EndedBy = endedBy }", "ancestor"),
        new("ids under which nothing was written count for a position", History, "last.EndOffset > offset || (last.EndOffset == offset && last.EndedBy == AncestorEnd.Restart)", "false"),
        new("a promoted or restarted master keeps its id", History, "new ReplicationHistory(newId, OriginId, ancestors.ToImmutable())", "new ReplicationHistory(Id, OriginId, ancestors.ToImmutable())"),
        new("a promotion is recorded as a restart", "Replication/NodeCore.Roles.cs", "AncestorEnd.Promotion", "AncestorEnd.Restart"),
    ];
}
