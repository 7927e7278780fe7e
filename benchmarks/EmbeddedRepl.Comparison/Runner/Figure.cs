namespace EmbeddedRepl.Comparison.Runner;

/// <summary>A figure: ours, and that of a peer, measured in turns.</summary>
/// <param name="Scenario">The scenario that measured it.</param>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="Ours">Our measurements, in the order of the turns.</param>
/// <param name="Peer">Whose the others are, or null if there are none.</param>
/// <param name="Theirs">The peer's measurements, in the same order; empty without a peer.</param>
/// <param name="Goal">What has to be reached, or null if the figure is for information.</param>
internal sealed record Figure(string Scenario, string Name, string Unit, double[] Ours, string? Peer, double[] Theirs, Goal? Goal)
{
    /// <summary>Our measurements.</summary>
    public Spread OurSpread => Spread.Of(Ours);

    /// <summary>The peer's measurements.</summary>
    public Spread? TheirSpread => Theirs.Length == 0 ? null : Spread.Of(Theirs);

    /// <summary>Ours divided by theirs, turn by turn: what else the machine did meanwhile hit both of a turn. Turns in which theirs is nothing are left out; null if there is no other.</summary>
    public Spread? Ratio => Ours.Zip(Theirs).Where(pair => pair.Second != 0).Select(pair => pair.First / pair.Second).ToArray() is { Length: > 0 } ratios ? Spread.Of(ratios) : null;

    /// <summary>Whether the goal is reached; null without a goal, or where what the goal compares with is not there.</summary>
    public bool? IsReached => Goal is null || (Goal.OfRatio && Ratio is null) ? null : Goal.IsReached(Goal.OfRatio ? Ratio!.Value.Median : OurSpread.Median);
}
