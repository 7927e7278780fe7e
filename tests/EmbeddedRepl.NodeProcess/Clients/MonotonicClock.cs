using System.Diagnostics;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>Microseconds on a clock that all processes of a machine share and that nobody sets; logs of several processes are compared by it.</summary>
internal static class MonotonicClock
{
    public static long Now => (long)(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency * 1_000_000);
}
