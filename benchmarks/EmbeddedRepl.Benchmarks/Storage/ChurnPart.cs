namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>Memory after 10 M overwrites with values of 0 to 200 bytes, while 30 % of the keys give way to new ones.</summary>
internal static class ChurnPart
{
    private const int Overwrites = 10_000_000;
    private const int MaxValueSize = 200;

    public static void Run(int entries)
    {
        MemoryPart.WarmUp();
        BenchmarkStore store = new();
        Random random = new(1);
        byte[] value = new byte[MaxValueSize];
        int[] lengths = new int[entries];
        int[] numbers = new int[entries];
        Span<char> key = stackalloc char[BenchmarkKeys.MaxLength];
        for (int i = 0; i < entries; i++)
        {
            numbers[i] = i;
            lengths[i] = random.Next(MaxValueSize + 1);
            store.Set(key[..BenchmarkKeys.Format(i, key)], value.AsSpan(0, lengths[i]));
        }

        int replaced = 0;
        for (int i = 0; i < Overwrites; i++)
        {
            int entry = random.Next(entries);
            if (replaced < (long)i * entries * 3 / 10 / Overwrites)
            {
                store.Remove(key[..BenchmarkKeys.Format(numbers[entry], key)]);
                numbers[entry] = entries + replaced++;
            }

            lengths[entry] = random.Next(MaxValueSize + 1);
            store.Set(key[..BenchmarkKeys.Format(numbers[entry], key)], value.AsSpan(0, lengths[entry]));
            if (i % 100_000 == 0)
            {
                // As the cache's timer does.
                store.Maintain();
            }
        }

        double payload = 0;
        for (int i = 0; i < entries; i++)
        {
            payload += lengths[i] + BenchmarkKeys.Format(numbers[i], key);
        }

        // Our own notes are no part of the store.
        double notes = sizeof(int) * 2.0 * entries;
        StoreChild.Report("rss", MemoryPart.MeasureResident() - notes);
        StoreChild.Report("payload", payload);
        StoreChild.Report("count", store.Store.Count);
        GC.KeepAlive(lengths);
        GC.KeepAlive(numbers);
    }
}
