using System.Globalization;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>Prints figures as they come, and keeps them.</summary>
internal sealed class Report
{
    private readonly List<Figure> _figures = [];
    private readonly bool _hasScreen = !Console.IsErrorRedirected;

    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>Whether a goal is missed.</summary>
    public bool IsMissed => _figures.Any(figure => figure.IsReached == false);

    public void Add(Figure figure)
    {
        ClearProgress();
        _figures.Add(figure);
        Console.WriteLine(Line(figure));
    }

    public void Note(string text)
    {
        ClearProgress();
        Console.WriteLine(text);
    }

    /// <summary>Goes to the error output, so that the figures can be taken from the other one.</summary>
    public void Progress(string text)
    {
        if (_hasScreen)
        {
            Console.Error.Write($"\r{text,-78}");
        }
        else
        {
            Console.Error.WriteLine($"  … {text}");
        }
    }

    /// <summary>All goals, reached and missed.</summary>
    public void Summarize()
    {
        ClearProgress();
        Figure[] judged = [.. _figures.Where(figure => figure.IsReached is not null)];
        if (judged.Length > 0)
        {
            Console.WriteLine($"\n{judged.Count(figure => figure.IsReached == true)} of {judged.Length} goals reached");
        }

        foreach (Figure figure in judged.Where(figure => figure.IsReached == false))
        {
            Console.WriteLine("missed: " + Line(figure));
        }
    }

    /// <summary>A value with three significant digits, thousands apart.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 or 0 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    private static string Line(Figure figure)
    {
        string line = $"{figure.Scenario,-12} {figure.Name,-52} {Number(figure.OurSpread.Median),10} {figure.Unit}";
        if (figure is { TheirSpread: { } theirs, Ratio: { } ratio })
        {
            line += $" | {figure.Peer} {Number(theirs.Median)} | {Number(ratio.Median)}× ({Number(ratio.Min)}–{Number(ratio.Max)})";
        }
        else if (figure.Ours.Length > 1)
        {
            line += $" ({Number(figure.OurSpread.Min)}–{Number(figure.OurSpread.Max)})";
        }

        return figure.Goal is null ? line : $"{line} | goal {figure.Goal}: {figure.IsReached switch { true => "reached", false => "MISSED", null => "nothing to compare with" }}";
    }

    private void ClearProgress()
    {
        if (_hasScreen)
        {
            Console.Error.Write($"\r{"",-78}\r");
        }
    }
}
