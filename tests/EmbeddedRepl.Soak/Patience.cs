using System.Diagnostics;

namespace EmbeddedRepl.Soak;

/// <summary>Waits until something is so. Generous: a busy machine must not fail a run that only waits.</summary>
internal static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">It did not become so.</exception>
    public static void Until(Func<bool> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"Did not happen within {Limit}: {what()}");
            }

            Thread.Sleep(1);
        }
    }
}
