namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>Colours, where they are wanted.</summary>
internal static class Style
{
    /// <summary>Whether text is coloured; off until a live screen switches it on.</summary>
    public static bool Enabled { get; set; }

    /// <summary>Good news.</summary>
    public static string Green(string text) => Paint("32", text);

    /// <summary>Bad news.</summary>
    public static string Red(string text) => Paint("31", text);

    /// <summary>Something that is not settled yet.</summary>
    public static string Yellow(string text) => Paint("33", text);

    /// <summary>What can be skipped.</summary>
    public static string Dim(string text) => Paint("2", text);

    /// <summary>Titles.</summary>
    public static string Bold(string text) => Paint("1", text);

    private static string Paint(string code, string text) => Enabled ? $"\e[{code}m{text}\e[0m" : text;
}
