using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>Threads that use as much processor time as they are told to, and nothing else. Linux only.</summary>
internal static class Burner
{
    private const int SpinsBetweenLooks = 2_000;

    /// <param name="words">For how many milliseconds; then for each thread what part of that it is to be running, 0 to 1.</param>
    public static string Burn(string[] words)
    {
        double[] numbers = [.. words.Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        TimeSpan duration = TimeSpan.FromMilliseconds(numbers[0]);
        Thread[] threads = [.. numbers[1..].Select(part => new Thread(() => Burn(duration, part)) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return ChildLoop.Done;
    }

    private static void Burn(TimeSpan duration, double part)
    {
        string status = "/proc/" + new FileInfo("/proc/thread-self").LinkTarget + "/schedstat";
        long start = Stopwatch.GetTimestamp();
        double before = RunningMilliseconds(status);
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < duration)
        {
            if (RunningMilliseconds(status) - before < elapsed.TotalMilliseconds * part)
            {
                Thread.SpinWait(SpinsBetweenLooks);
            }
            else
            {
                Thread.Sleep(1);
            }
        }
    }

    private static double RunningMilliseconds(string status) => double.Parse(File.ReadAllText(status).Split(' ')[0], CultureInfo.InvariantCulture) / 1e6;
}
