namespace EmbeddedRepl.Diagnostics;

/// <summary>A sync that has ended. Immutable.</summary>
internal sealed record SyncReport
{
    /// <summary>Whether everything was sent, not only what was missed.</summary>
    public required bool IsFull { get; init; }

    /// <summary>Whether this node is the one that got it.</summary>
    public required bool IsReceived { get; init; }

    /// <summary>The address of the other end.</summary>
    public required string Peer { get; init; }

    /// <summary>When it ended, by the node's clock.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>How long it took; nothing for a partial resync, which is a decision: the stream goes on.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Entries of a full sync.</summary>
    public long Entries { get; init; }

    /// <summary>Bytes of its snapshot.</summary>
    public long Bytes { get; init; }

    /// <summary>Why it was discarded; null if it was completed.</summary>
    public string? Failure { get; init; }
}
