using System.Globalization;

namespace EmbeddedRepl.Comparison.Scenarios.Memory;

/// <summary>What this machine can still give.</summary>
internal static class FreeMemory
{
    /// <summary>In bytes: what is free, within what this process may have.</summary>
    public static double Bytes
    {
        get
        {
            double allowed = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            const string Line = "MemAvailable:";
            string? available = OperatingSystem.IsLinux() ? File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal)) : null;
            return available is null ? allowed : Math.Min(allowed, 1024.0 * long.Parse(available[Line.Length..].Replace("kB", ""), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Whether a process with so many entries of 120 bytes fits, whichever cache it is, the collector's work included.</summary>
    public static bool IsEnoughFor(int entries) => Bytes > entries * 1_000.0;
}
