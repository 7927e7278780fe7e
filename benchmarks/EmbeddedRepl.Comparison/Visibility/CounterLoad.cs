using System.Globalization;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>How a counter is written and watched.</summary>
/// <param name="First">The first value; above all that were written before.</param>
/// <param name="Writes">How many values.</param>
/// <param name="PerSecond">Entries a second: about every millisecond the counter, and after it as many other keys as are due. 0 for a closed loop: the next value when the one before was seen.</param>
/// <param name="Signal">Where the two meet: see <see cref="SeenSignal"/>.</param>
internal sealed record CounterLoad(long First, int Writes, int PerSecond, string Signal)
{
    /// <summary>Whether the next value waits until the one before was seen.</summary>
    public bool IsClosedLoop => PerSecond == 0;

    /// <summary>The last value.</summary>
    public long Last => First + Writes - 1;

    public static CounterLoad Parse(string[] words) => new(
        long.Parse(words[0], CultureInfo.InvariantCulture),
        int.Parse(words[1], CultureInfo.InvariantCulture),
        int.Parse(words[2], CultureInfo.InvariantCulture),
        string.Join(' ', words[3..]));

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Format() => $"{First} {Writes} {PerSecond} {Signal}";
}
