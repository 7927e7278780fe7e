using System.Globalization;
using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Nodes;

namespace EmbeddedRepl.Comparison.Scenarios.Memory;

/// <summary>Resident memory of a process that holds nothing but one contender.</summary>
internal static class MemoryPart
{
    public const string Name = "memory";

    /// <summary>The contender that is none.</summary>
    public const string Nothing = "nothing";

    private const int Checked = 1_000;

    /// <summary>The kind and the number of entries; says how much memory is resident and how many of some entries were not as they should be.</summary>
    public static void Run(string[] arguments)
    {
        int entries = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        LocalCaches.WarmUp();
        using ILocalCache? cache = arguments[0] == Nothing ? null : LocalCaches.Create(arguments[0]);
        for (int i = 0; i < entries && cache is not null; i++)
        {
            cache.Set(MixedKeys.Create(i), EntryValues.Create(i));
        }

        PartProcess.Say("resident", Resident());
        int[] some = [.. Enumerable.Range(0, Checked).Select(i => (int)((long)i * entries / Checked))];
        PartProcess.Say("wrong", cache is null ? 0 : some.Count(number => !EntryValues.IsOf(number, cache.Get(MixedKeys.Create(number)))));
    }

    /// <summary>Resident memory in bytes, without the garbage.</summary>
    public static double Resident()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return ProcessStatus.ResidentBytes(Environment.ProcessId);
    }
}
