namespace EmbeddedRepl.FaultRun.History;

/// <summary>What became of the writes that were confirmed.</summary>
/// <param name="Kept">On the line that all nodes ended on.</param>
/// <param name="Extra">Given up as the rules allow: confirmed on a line that others had left already by a promotion or a restart (D3).</param>
/// <param name="Unreplicated">Given up as the rules allow: confirmed, and nobody who could be asked had it when another line began.</param>
/// <param name="Unreachable">Given up as the rules allow: held only by nodes that nobody could reach at that moment, and acknowledged by fewer than were lost.</param>
/// <param name="Lost">Everything else. Must be 0.</param>
internal sealed record LossReport(int Kept, int Extra, int Unreplicated, int Unreachable, int Lost)
{
    /// <summary>How many were given up or lost at which beginning of another line, for people.</summary>
    public IReadOnlyDictionary<string, int> Forks { get; init; } = new Dictionary<string, int>();

    // Two reports are equal if the numbers are.
    public bool Equals(LossReport? other) =>
        other is not null && (Kept, Extra, Unreplicated, Unreachable, Lost) == (other.Kept, other.Extra, other.Unreplicated, other.Unreachable, other.Lost);

    public override int GetHashCode() => HashCode.Combine(Kept, Extra, Unreplicated, Unreachable, Lost);
}
