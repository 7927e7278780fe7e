using System.Globalization;
using EmbeddedRepl.Comparison.Local;

namespace EmbeddedRepl.Comparison.Scenarios.Memory;

/// <summary>Memory of ours after many overwrites with values of 0 to 200 bytes, while 30 % of the keys give way to new ones.</summary>
internal static class ChurnPart
{
    public const string Name = "churn";

    private const int MaxValueSize = 200;

    /// <summary>The numbers of entries and of overwrites; says the resident memory, and the bytes of keys and values in it.</summary>
    public static void Run(string[] arguments)
    {
        int entries = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        int overwrites = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        LocalCaches.WarmUp();
        using var cache = new NodeCache();
        var random = new Random(1);
        int[] lengths = new int[entries];
        int[] numbers = [.. Enumerable.Range(0, entries)];
        void Write(int entry)
        {
            byte[] value = new byte[lengths[entry] = random.Next(MaxValueSize + 1)];
            cache.Set(MixedKeys.Create(numbers[entry]), value);
        }

        for (int i = 0; i < entries; i++)
        {
            Write(i);
        }

        int replaced = 0;
        for (int i = 0; i < overwrites; i++)
        {
            int entry = random.Next(entries);
            if (replaced < (long)i * entries * 3 / 10 / overwrites)
            {
                cache.Remove(MixedKeys.Create(numbers[entry]));
                numbers[entry] = entries + replaced++;
            }

            Write(entry);
        }

        // Our own notes are no part of the cache.
        PartProcess.Say("resident", MemoryPart.Resident() - (2.0 * sizeof(int) * entries));
        PartProcess.Say("payload", Enumerable.Range(0, entries).Sum(i => (double)lengths[i] + MixedKeys.Create(numbers[i]).Length));
        PartProcess.Say("wrong", Enumerable.Range(0, entries).Count(i => cache.Get(MixedKeys.Create(numbers[i]))?.Length != lengths[i]));
    }
}
