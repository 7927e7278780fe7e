using System.Diagnostics;

namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>
/// Times two contenders in turns, in rounds of a millisecond or so: on a machine that does other work many of them are not interrupted. Their lower quartiles are compared.
/// </summary>
internal static class ShortRounds
{
    private const int Rounds = 400;

    /// <summary>Operations in a round; a contender is called with their first number.</summary>
    public const int Operations = 5_000;

    /// <returns>Nanoseconds of one operation.</returns>
    public static (double First, double Second) Run(Action<int> first, Action<int> second)
    {
        double[][] times = [new double[Rounds], new double[Rounds]];
        for (int round = -Rounds / 10; round < Rounds; round++)
        {
            int start = (round + (Rounds / 10)) * Operations;
            double one = Time(first, start);
            double two = Time(second, start);
            if (round >= 0)
            {
                (times[0][round], times[1][round]) = (one, two);
            }
        }

        Array.ForEach(times, Array.Sort);
        return (times[0][Rounds / 4], times[1][Rounds / 4]);
    }

    private static double Time(Action<int> contender, int start)
    {
        long begin = Stopwatch.GetTimestamp();
        contender(start);
        return Stopwatch.GetElapsedTime(begin).TotalNanoseconds / Operations;
    }
}
