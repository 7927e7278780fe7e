namespace EmbeddedRepl.Diagnostics;

/// <summary>Tags that tell syncs apart, in metrics and activities.</summary>
internal static class SyncTags
{
    /// <summary>Full or partial.</summary>
    public const string Kind = "embeddedrepl.sync.kind";

    /// <summary>Sent by this node, or received by it.</summary>
    public const string Direction = "embeddedrepl.sync.direction";

    /// <summary>How it ended.</summary>
    public const string Outcome = "embeddedrepl.sync.outcome";
}
