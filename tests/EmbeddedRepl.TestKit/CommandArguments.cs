using System.Globalization;

namespace EmbeddedRepl.TestKit;

/// <summary>Arguments of the form <c>--name value</c>, anywhere in a command line.</summary>
internal static class CommandArguments
{
    /// <summary>The argument that follows a name; null if the name is not there, or is the last one.</summary>
    public static string? Text(string[] args, string name)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }

    /// <summary>The same as a number, as it is written everywhere.</summary>
    /// <exception cref="FormatException">It is no number of this kind.</exception>
    /// <exception cref="OverflowException">It is too large for this kind.</exception>
    public static T? Number<T>(string[] args, string name)
        where T : struct, IParsable<T> => Text(args, name) is { } text ? T.Parse(text, CultureInfo.InvariantCulture) : null;
}
