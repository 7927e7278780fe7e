using System.Diagnostics;

namespace EmbeddedRepl.Benchmarks.Allocations;

/// <summary>
/// Measures what each hot path allocates, and compares that with a file. More than expected fails, because garbage comes back unseen; less fails, too, with the advice to write it down, because
/// otherwise the file would allow it to come back. So does a path that the file does not know, or the other way round.
/// </summary>
internal static class AllocationGate
{
    public const string Verb = "allocations";

    private const string TieredCompilation = "DOTNET_TieredCompilation";

    /// <returns>0; 1 if something differs.</returns>
    public static int Run(string[] args)
    {
        // What the compiler optimizes away differs with how far it has come with a method, so everything is compiled once, fully.
        return Environment.GetEnvironmentVariable(TieredCompilation) == "0" ? Measure(args) : RunFullyCompiled(args);
    }

    private static int Measure(string[] args)
    {
        Dictionary<string, double> measured = AllocatedBytes.OfHotPaths().ToDictionary(path => path.Name, path => Math.Round(path.Bytes, 2));
        measured.Add(ReplicatedWrites.Name, ReplicatedWrites.Measure());
        switch (args)
        {
            case []:
                foreach ((string name, double bytes) in measured.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    Console.WriteLine($"{name,-32} {AllocationFile.Text(bytes),8} B");
                }

                return 0;
            case ["--update", string file]:
                AllocationFile.Write(file, measured);
                return 0;
            case ["--check", string file]:
                return Compare(AllocationFile.Read(file), measured, file) ? 0 : 1;
            default:
                Console.Error.WriteLine("allocations [--check FILE] [--update FILE]");
                return 2;
        }
    }

    private static bool Compare(Dictionary<string, double> expected, Dictionary<string, double> measured, string file)
    {
        int more = 0;
        int others = 0;
        foreach (string name in expected.Keys.Union(measured.Keys).Order(StringComparer.Ordinal))
        {
            bool isMeasured = measured.TryGetValue(name, out double now);
            if (!expected.TryGetValue(name, out double before) || !isMeasured)
            {
                Console.WriteLine($"{name}: {(isMeasured ? $"{AllocationFile.Text(now)} B, and not in the file" : "in the file, and not measured")}");
                others++;
            }
            else if (Math.Abs(now - before) > (name == ReplicatedWrites.Name ? ReplicatedWrites.Tolerance : 0))
            {
                Console.WriteLine($"{name}: {AllocationFile.Text(now)} B, expected {AllocationFile.Text(before)} B");
                _ = now > before ? more++ : others++;
            }
        }

        if (more > 0)
        {
            Console.WriteLine($"{more} of {measured.Count} hot paths allocate more than they did. Find out why before you change {file}.");
        }
        else if (others > 0)
        {
            Console.WriteLine($"None allocates more. Write that down, so that it stays: allocations --update {file}");
        }
        else
        {
            Console.WriteLine($"{measured.Count} hot paths allocate what is expected.");
        }

        return more + others == 0;
    }

    private static int RunFullyCompiled(string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(AllocationGate).Assembly.Location);
        }

        start.ArgumentList.Add(Verb);
        Array.ForEach(args, start.ArgumentList.Add);
        start.Environment[TieredCompilation] = "0";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
