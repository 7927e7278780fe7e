using System.Runtime.CompilerServices;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class ProcessorCacheTests
{
    [Fact]
    public void Prefetch_AnyLocation_ReadsAndChangesNothing()
    {
        byte[] bytes = [1, 2, 3];
        ulong[] pinned = GC.AllocateArray<ulong>(1_000, pinned: true);

        ProcessorCache.Prefetch(ref bytes[2]);
        ProcessorCache.Prefetch(ref pinned[999]);
        ProcessorCache.Prefetch(in bytes.AsSpan()[0]);

        // Not even a location that does not exist does harm: it is never read.
        ProcessorCache.Prefetch(ref Unsafe.NullRef<byte>());

        Assert.Equal([1, 2, 3], bytes);
        Assert.All(pinned, word => Assert.Equal(0UL, word));
    }
}
