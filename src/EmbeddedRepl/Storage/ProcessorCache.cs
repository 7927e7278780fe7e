using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Asks the processor to load memory into its cache while other work goes on. A plain read would do the same, but the lock that every write takes waits for all reads before it,
/// and not for these. What it is worth: <c>benchmarks/README.md</c>.
/// </summary>
internal static class ProcessorCache
{
    /// <summary>Size of a line, in bytes; of most processors.</summary>
    public const int Line = 64;

    /// <summary>Whether the runtime knows such an instruction for this processor. Elsewhere <see cref="Prefetch"/> does nothing.</summary>
    public static bool CanPrefetch
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sse.IsSupported;
    }

    /// <summary>Asks for the line in which something lies. A hint: it reads and changes nothing that a program could see, whatever the location, so it is as safe as taking the reference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch<T>(ref readonly T location)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in location)));
        }
    }
}
