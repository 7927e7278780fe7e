using System.Diagnostics;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>Waiting with an end: what does not come is said, and does not hang.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Asks every millisecond, for two minutes at most.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="condition">Whether it is there.</param>
    /// <param name="describe">What there is instead; asked when the time is over.</param>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public static void Until(string what, Func<bool> condition, Func<string>? describe = null)
    {
        long since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(since) > Limit)
            {
                throw new TimeoutException($"Waited {Limit.TotalSeconds:0} s in vain for {what}. {describe?.Invoke()}");
            }

            Thread.Sleep(1);
        }
    }
}
