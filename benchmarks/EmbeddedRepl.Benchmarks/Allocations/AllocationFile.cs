using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Allocations;

/// <summary>The expected bytes, a name and a number a line, sorted; lines that begin with <c>#</c> are for people.</summary>
internal static class AllocationFile
{
    private const string Header = """
        # Bytes that an operation of each hot path allocates, as the microbenchmarks of the same names do it. Written by
        # dotnet run -c Release --project benchmarks/EmbeddedRepl.Benchmarks -- allocations --update benchmarks/allocations.txt
        """;

    public static Dictionary<string, double> Read(string file) => File.ReadLines(file)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' '))
        .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));

    public static void Write(string file, IReadOnlyDictionary<string, double> bytes) =>
        File.WriteAllText(file, string.Join('\n', [Header, .. bytes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {Text(pair.Value)}")]) + "\n");

    public static string Text(double bytes) => bytes.ToString("0.##", CultureInfo.InvariantCulture);
}
