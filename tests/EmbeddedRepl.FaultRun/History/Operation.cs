namespace EmbeddedRepl.FaultRun.History;

/// <summary>One write as its caller saw it, and where it turned out to be.</summary>
internal sealed class Operation
{
    public required long Id { get; init; }

    /// <summary>S: set, C: compare and set, R: remove, D: compare and remove, X: clear.</summary>
    public required char Kind { get; init; }

    public required string Key { get; init; }

    /// <summary>Offset of the version that it expects; 0 is no entry. Of C and D; see <see cref="ExpiresAfter"/> for S.</summary>
    public required long Expected { get; init; }

    public required long Invoked { get; init; }

    public required int Node { get; init; }

    /// <summary>Null while it has not ended: its process may have been killed.</summary>
    public string? Outcome { get; set; }

    public long Ended { get; set; } = long.MaxValue;

    /// <summary>The end of its record: as its caller was told, or as a reader saw.</summary>
    public Place? Place { get; set; }

    public int Acknowledged { get; set; }

    public long AcknowledgedAt { get; set; }

    /// <summary>After how many milliseconds the entry expires; 0 is never.</summary>
    public long ExpiresAfter => Kind == 'S' ? Expected : 0;

    public bool IsSet => Kind is 'S' or 'C';

    /// <summary>Whether its caller was told that it is done.</summary>
    public bool IsConfirmed => Outcome is "ok" && Place is not null;

    /// <summary>Whether its caller was told that nothing was written.</summary>
    public bool IsDenied => Outcome is "not" or "conflict";

    public override string ToString() => $"{Kind} {Key} #{Id:x} of node {Node} ({Outcome ?? "open"}, {(Place is { } place ? place.ToString() : "no place")})";
}
