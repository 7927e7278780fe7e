using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>What writers reached.</summary>
/// <param name="PerSecond">Entries a second.</param>
/// <param name="ProcessorTime">Processor time of the whole process meanwhile, in nanoseconds an entry.</param>
/// <param name="MaxLag">The most bytes of the stream that waited to be sent to any replica, asked every 5 ms; 0 without one.</param>
internal sealed record WriteResult(double PerSecond, double ProcessorTime, long MaxLag)
{
    public static WriteResult Parse(string text)
    {
        string[] words = text.Split(' ');
        return new WriteResult(double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture));
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:R} {ProcessorTime:R} {MaxLag}");
}
