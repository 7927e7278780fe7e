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
}
