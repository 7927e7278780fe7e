using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>What the system knows of a process.</summary>
internal static class ProcessStatus
{
    public static TimeSpan ProcessorTime(int id)
    {
        using Process process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    public static long ResidentBytes(int id)
    {
        if (OperatingSystem.IsLinux())
        {
            return long.Parse(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }

        using Process process = Process.GetProcessById(id);
        return process.WorkingSet64;
    }

    /// <summary>
    /// The memory that a process and its children take together: each page counts once, however many of them share it, which is what a fork costs and their resident sizes do not show.
    /// Linux only.
    /// </summary>
    public static long ProportionalBytesWithChildren(int id)
    {
        long bytes = ProportionalBytes(id);
        foreach (string task in Directory.EnumerateDirectories($"/proc/{id}/task"))
        {
            bytes += File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(child => ProportionalBytes(int.Parse(child, CultureInfo.InvariantCulture)));
        }

        return bytes;
    }

    private static long ProportionalBytes(int id)
    {
        try
        {
            // "Pss:               11423 kB"
            string line = File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
        }
        catch (IOException)
        {
            // A child that has ended meanwhile.
            return 0;
        }
    }
}
