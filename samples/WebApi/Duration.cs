using System.Globalization;

namespace EmbeddedRepl.Samples.WebApi;

/// <summary>Durations as people write them in a query: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>12h</c>, <c>2d</c>.</summary>
internal static class Duration
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        // "ms" comes before "s" and "m", which it also ends or starts with.
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="duration">The duration, more than zero; null if <paramref name="text"/> is null.</param>
    /// <returns>False if the text is not a duration above zero.</returns>
    public static bool TryParse(string? text, out TimeSpan? duration)
    {
        duration = null;
        if (text is null)
        {
            return true;
        }

        foreach ((string suffix, TimeSpan unit) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
            {
                continue;
            }

            // At most eight digits: far more than anybody needs, and never too much for a TimeSpan in any unit but days.
            ReadOnlySpan<char> digits = text.AsSpan(0, text.Length - suffix.Length);
            if (digits.Length > 8
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                || count == 0
                || count > TimeSpan.MaxValue / unit)
            {
                return false;
            }

            duration = unit * count;
            return true;
        }

        return false;
    }
}
