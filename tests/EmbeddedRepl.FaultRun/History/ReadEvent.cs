namespace EmbeddedRepl.FaultRun.History;

/// <summary>One read, between two looks at where the node stood.</summary>
/// <param name="Log">The life of the node in which it happened.</param>
/// <param name="Began">Before the first look.</param>
/// <param name="Ended">After the second look.</param>
/// <param name="Client">Who read.</param>
/// <param name="Key">What was read.</param>
/// <param name="Before">Where the node stood before.</param>
/// <param name="After">Where it stood after.</param>
/// <param name="Version">Offset of the entry's last set; null for a miss.</param>
/// <param name="Value">The operation that the value names; null for a miss, and for a value that is not whole.</param>
internal sealed record ReadEvent(NodeLog Log, long Began, long Ended, int Client, string Key, NodeSight Before, NodeSight After, long? Version, long? Value)
{
    public override string ToString() =>
        $"read of {Key} on node {Log.Node}, life {Log.Life}, client {Client}, at {Before.Place} to {After.Place}: {(Version is { } version ? $"{version} #{Value:x}" : "nothing")}";
}
