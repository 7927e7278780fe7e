namespace EmbeddedRepl.PlantedBugs;

/// <summary>Changes source so that each bug of it can be switched on when the program runs. Pure: text in, text out.</summary>
internal static class PlantedSource
{
    /// <summary>The environment variable that says which bug is on: its number, from 1 on. Without it none is.</summary>
    public const string Variable = "EMBEDDEDREPL_PLANTED_BUG";

    /// <summary>What has to be compiled along with changed files.</summary>
    public const string Switch = $$"""
        namespace EmbeddedRepl;

        internal static class PlantedSwitch
        {
            // The compiler treats it as a constant once the code is hot, so that a bug that is off costs nothing.
            private static readonly int _number = int.Parse(System.Environment.GetEnvironmentVariable("{{Variable}}") ?? "0", System.Globalization.CultureInfo.InvariantCulture);

            public static bool Is(int number) => _number == number;
        }
        """;

    /// <summary>Puts bugs into one file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="bugs">The bugs of this file, with their numbers.</param>
    /// <returns>The file with switches.</returns>
    /// <exception cref="InvalidOperationException">The text of a bug is not there exactly once, or two of them overlap: the source has changed, and the catalogue has to follow.</exception>
    public static string Plant(string text, IEnumerable<(int Number, PlantedBug Bug)> bugs)
    {
        int end = text.Length;
        foreach ((int start, int number, PlantedBug bug) in bugs.Select(each => (Find(text, each.Bug), each.Number, each.Bug)).OrderByDescending(each => each.Item1))
        {
            if (start + bug.Original.Length > end)
            {
                throw new InvalidOperationException($"'{bug.Name}' overlaps another bug of {bug.File}.");
            }

            end = start;
            text = string.Concat(text.AsSpan(0, start), Switched(number, bug), text.AsSpan(start + bug.Original.Length));
        }

        return text;
    }

    private static int Find(string text, PlantedBug bug)
    {
        int start = text.IndexOf(bug.Original, StringComparison.Ordinal);
        return start >= 0 && text.IndexOf(bug.Original, start + 1, StringComparison.Ordinal) < 0
            ? start
            : throw new InvalidOperationException($"{bug.File} contains the text of '{bug.Name}' {(start < 0 ? "nowhere" : "more than once")}: {bug.Original}");
    }

    private static string Switched(int number, PlantedBug bug) => bug.IsStatement
        ? $"if (global::EmbeddedRepl.PlantedSwitch.Is({number})) {{ {bug.Mistake} }} else {{ {bug.Original} }}"
        : $"(global::EmbeddedRepl.PlantedSwitch.Is({number}) ? ({bug.Mistake}) : ({bug.Original}))";
}
