using System.Globalization;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>What a figure has to reach.</summary>
/// <param name="Bound">The bound.</param>
/// <param name="AtMost">Whether it is an upper bound; otherwise a lower one.</param>
/// <param name="OfRatio">Whether the ratio of ours to theirs is meant; otherwise our own value.</param>
internal sealed record Goal(double Bound, bool AtMost, bool OfRatio)
{
    /// <summary>Ours divided by theirs is at most this.</summary>
    public static Goal RatioAtMost(double bound) => new(bound, AtMost: true, OfRatio: true);

    /// <summary>Ours divided by theirs is at least this.</summary>
    public static Goal RatioAtLeast(double bound) => new(bound, AtMost: false, OfRatio: true);

    /// <summary>Our value is at most this.</summary>
    public static Goal AtMostOf(double bound) => new(bound, AtMost: true, OfRatio: false);

    public bool IsReached(double value) => AtMost ? value <= Bound : value >= Bound;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(AtMost ? "≤" : "≥")} {Bound:0.###}{(OfRatio ? "×" : "")}");
}
