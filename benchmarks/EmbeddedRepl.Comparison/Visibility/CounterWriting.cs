using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>What a writer of a counter did.</summary>
/// <param name="SentAt">When each value was about to be written, by the clock of the machine.</param>
/// <param name="PerSecond">Entries a second, those of the other keys counted.</param>
internal sealed record CounterWriting(long[] SentAt, double PerSecond)
{
    // What a writer that was held up makes good in one go at most.
    private const int MaxBurst = 1_000;

    /// <summary>Waits until the counter is watched, then writes it as told.</summary>
    public static CounterWriting Run(ICounterWriter counter, CounterLoad load)
    {
        using SeenSignal signal = SeenSignal.Connect(load.Signal);
        signal.Wait();
        long[] sentAt = new long[load.Writes];
        long start = Stopwatch.GetTimestamp();
        long entries = 0;
        for (int i = 0; i < load.Writes; i++)
        {
            int due = 1;
            if (!load.IsClosedLoop)
            {
                do
                {
                    Thread.Sleep(1);
                    due = (int)Math.Min(MaxBurst, (Stopwatch.GetElapsedTime(start).TotalSeconds * load.PerSecond) - entries);
                }
                while (due < 1);
            }

            sentAt[i] = Stopwatch.GetTimestamp();
            counter.Set(load.First + i, due - 1);
            entries += due;
            if (load.IsClosedLoop)
            {
                signal.Wait();
            }
        }

        return new CounterWriting(sentAt, entries / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    public static CounterWriting Parse(string text)
    {
        string[] words = text.Split(' ');
        return new CounterWriting([.. words[1..].Select(word => long.Parse(word, CultureInfo.InvariantCulture))], double.Parse(words[0], CultureInfo.InvariantCulture));
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:R} {string.Join(' ', SentAt)}");
}
