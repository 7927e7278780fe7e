namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>Sequences of keys, the same for everybody and in every run.</summary>
internal static class AccessTraces
{
    private const int Seed = 20261126;

    /// <summary>Keys drawn by Zipf's law: the n-th most popular one is asked for as often as 1 / n^skew.</summary>
    public static int[] Zipf(int universe, double skew, int length)
    {
        double[] cumulated = Cumulate(universe, skew);
        Random random = new(Seed);
        int[] trace = new int[length];
        for (int i = 0; i < length; i++)
        {
            trace[i] = Draw(cumulated, random);
        }

        return trace;
    }

    /// <summary>The same, and from time to time a scan over so many keys that nobody asks for again, every other access being the scan's.</summary>
    public static int[] ZipfWithScans(int universe, double skew, int length, int scanLength, int scanDistance)
    {
        double[] cumulated = Cumulate(universe, skew);
        Random random = new(Seed);
        int[] trace = new int[length];
        int scanned = universe;
        int left = 0;
        for (int i = 0; i < length; i++)
        {
            left = i % scanDistance == scanDistance / 2 ? scanLength : left;
            if (left > 0 && i % 2 == 0)
            {
                left--;
                trace[i] = scanned++;
            }
            else
            {
                trace[i] = Draw(cumulated, random);
            }
        }

        return trace;
    }

    /// <summary>Zipf, but what is popular changes altogether a few times.</summary>
    public static int[] ShiftingZipf(int universe, double skew, int length, int shifts)
    {
        int[] trace = Zipf(universe, skew, length);
        for (int i = 0; i < length; i++)
        {
            long shift = (long)i * shifts / length;
            trace[i] = (int)((trace[i] + (shift * universe / shifts)) % universe);
        }

        return trace;
    }

    /// <summary>The same keys in the same order again and again.</summary>
    public static int[] Loop(int universe, int length) => [.. Enumerable.Range(0, length).Select(i => i % universe)];

    private static double[] Cumulate(int universe, double skew)
    {
        double[] cumulated = new double[universe];
        double sum = 0;
        for (int i = 0; i < universe; i++)
        {
            sum += Math.Pow(i + 1, -skew);
            cumulated[i] = sum;
        }

        return cumulated;
    }

    private static int Draw(double[] cumulated, Random random)
    {
        int index = Array.BinarySearch(cumulated, random.NextDouble() * cumulated[^1]);
        return index < 0 ? ~index : index;
    }
}
