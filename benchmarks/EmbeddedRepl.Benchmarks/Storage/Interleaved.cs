using System.Diagnostics;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>
/// Times contenders in turns, A B C A B C …, so that whatever else the machine does hits all of them, and compares them round by round.
/// </summary>
internal sealed class Interleaved
{
    private const int Rounds = 9;

    private readonly double[][] _nanoseconds;

    private Interleaved(double[][] nanoseconds) => _nanoseconds = nanoseconds;

    /// <summary>Times the contenders; each call does a round's work and returns the number of operations. One round more is for warming up.</summary>
    public static Interleaved Run(params Func<long>[] contenders) => Run(Rounds, contenders);

    /// <inheritdoc cref="Run(Func{long}[])"/>
    public static Interleaved Run(int rounds, params Func<long>[] contenders)
    {
        double[][] results = [.. contenders.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                long operations = contenders[i]();
                double elapsed = Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations;
                if (round >= 0)
                {
                    results[i][round] = elapsed;
                }
            }
        }

        return new Interleaved(results);
    }

    /// <summary>Median time of one operation in nanoseconds.</summary>
    public double Nanoseconds(int contender) => Scoreboard.Median(_nanoseconds[contender]);

    /// <summary>Median, over the rounds, of how many times as long one contender took as another.</summary>
    public double Ratio(int contender, int other) => Scoreboard.Median(_nanoseconds[contender].Zip(_nanoseconds[other], (a, b) => a / b));
}
