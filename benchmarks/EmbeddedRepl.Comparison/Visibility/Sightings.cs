using System.Globalization;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>Sightings as a line of text.</summary>
internal static class Sightings
{
    public static string Format(IEnumerable<Sighting> sightings) =>
        string.Join(' ', sightings.Select(sighting => string.Create(CultureInfo.InvariantCulture, $"{sighting.Number}:{sighting.At}")));

    public static Sighting[] Parse(string text) => [.. text.Split(' ').Select(word => word.Split(':')).Select(pair =>
        new Sighting(long.Parse(pair[0], CultureInfo.InvariantCulture), long.Parse(pair[1], CultureInfo.InvariantCulture)))];
}
