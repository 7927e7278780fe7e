using System.Globalization;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// Text of the other end, made fit for logs and information. It may come from a stranger, and a line end in it would let him write lines of his own into a log.
/// </summary>
internal static class PrintableText
{
    /// <summary>The text with a question mark in place of everything that is not printed on its line.</summary>
    public static string Of(string text) => text.Any(IsOdd) ? string.Concat(text.Select(c => IsOdd(c) ? '?' : c)) : text;

    private static bool IsOdd(char c) =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
