using System.Diagnostics;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>
/// Times the same work in phases with and without a limit, of one node whose options are edited while it runs: two nodes that are the same differ by a factor of up to
/// two in where their memory lies. Each phase warms up, then times short rounds. The lower quartile of a phase is compared with that of the phase beside it, which is as
/// near in time as can be; the ratio is the median of these pairs, so that other work of the machine counts little.
/// </summary>
internal sealed class LimitPhases(ReplicatedNode node, ReplicatedCacheOptions unlimited, ReplicatedCacheOptions limited)
{
    private const int Pairs = 31;

    /// <summary>Measures.</summary>
    /// <param name="prepare">What is done at the beginning of a phase, after its limit is set.</param>
    /// <param name="round">A round of <see cref="ShortRounds.Operations"/>; called with the number of its first operation.</param>
    /// <param name="rounds">How many rounds a phase has.</param>
    public (double Limited, double Unlimited, double Ratio) Run(Action prepare, Action<int> round, int rounds)
    {
        double[] with = new double[Pairs];
        double[] without = new double[Pairs];
        for (int pair = -1; pair < Pairs; pair++)
        {
            // Every other pair begins with the other phase, so that what the machine does more and more, or less and less, cancels out.
            bool beginsLimited = pair % 2 == 0;
            double first = Phase(beginsLimited, prepare, round, rounds);
            double second = Phase(!beginsLimited, prepare, round, rounds);
            if (pair >= 0)
            {
                (with[pair], without[pair]) = beginsLimited ? (first, second) : (second, first);
            }
        }

        return (Median(with), Median(without), Median([.. with.Zip(without, (a, b) => a / b)]));
    }

    private double Phase(bool isLimited, Action prepare, Action<int> round, int rounds)
    {
        node.Reconfigure(isLimited ? unlimited : limited, isLimited ? limited : unlimited);
        prepare();
        double[] times = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            round(i * ShortRounds.Operations);
            times[i] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / ShortRounds.Operations;
        }

        Array.Sort(times);
        return times[rounds / 4];
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
