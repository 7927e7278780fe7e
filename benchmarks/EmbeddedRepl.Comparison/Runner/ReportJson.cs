using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>All measurements of a run, for other programs.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,

        // A ratio to nothing is no number.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static void Write(string file, string environment, IEnumerable<Figure> figures)
    {
        using FileStream stream = File.Create(file);
        JsonSerializer.Serialize(stream, new { environment, figures = figures.Select(Row) }, Indented);
    }

    private static object Row(Figure figure) => new
    {
        figure.Scenario,
        figure.Name,
        figure.Unit,
        figure.Ours,
        figure.Peer,
        figure.Theirs,
        figure.Ratio,
        Goal = figure.Goal?.ToString(),
        figure.IsReached,
    };
}
