using System.Numerics;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The sizes in which memory is handed out: steps of 8 bytes up to 512, then 16 steps per doubling (3 to 6 %) up to 128 KiB.
/// Larger entries get an array of their own.
/// </summary>
internal static class SizeClasses
{
    /// <summary>Number of classes; class 0 is not used.</summary>
    public const int Count = 1 + (FinestLimit / EntryAddress.GranuleSize) + (Doublings * StepsPerDoubling);

    /// <summary>Largest size that has a class, in bytes.</summary>
    public const int LargestSize = FinestLimit << Doublings;

    private const int FinestLimit = 512;
    private const int FinestLimitLog = 9;
    private const int Doublings = 8;
    private const int StepsPerDoublingLog = 4;
    private const int StepsPerDoubling = 1 << StepsPerDoublingLog;
    private const int LargestSmallSize = 4096;

    /// <summary>The smallest class whose blocks have at least that many bytes.</summary>
    public static int ClassOf(int size)
    {
        if (size <= FinestLimit)
        {
            return (size + EntryAddress.GranuleSize - 1) / EntryAddress.GranuleSize;
        }

        int last = size - 1;
        int log = BitOperations.Log2((uint)last);
        int step = (last >> (log - StepsPerDoublingLog)) - StepsPerDoubling;
        return (FinestLimit / EntryAddress.GranuleSize) + 1 + ((log - FinestLimitLog) * StepsPerDoubling) + step;
    }

    /// <summary>Size of the blocks of a class, in bytes.</summary>
    public static int SizeOf(int sizeClass)
    {
        if (sizeClass <= FinestLimit / EntryAddress.GranuleSize)
        {
            return sizeClass * EntryAddress.GranuleSize;
        }

        int index = sizeClass - (FinestLimit / EntryAddress.GranuleSize) - 1;
        int log = FinestLimitLog + (index / StepsPerDoubling);
        return ((index % StepsPerDoubling) + StepsPerDoubling + 1) << (log - StepsPerDoublingLog);
    }

    /// <summary>How many 128 KiB units a page of the class has: 1, or 8 for larger blocks.</summary>
    public static int UnitsPerPage(int sizeClass) => SizeOf(sizeClass) <= LargestSmallSize ? 1 : PageTable.UnitsPerGroup;

    /// <summary>How many blocks a page of the class holds.</summary>
    public static int BlocksPerPage(int sizeClass) => UnitsPerPage(sizeClass) * PageTable.UnitSize / SizeOf(sizeClass);
}
