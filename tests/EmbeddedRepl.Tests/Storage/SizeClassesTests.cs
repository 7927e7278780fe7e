using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class SizeClassesTests
{
    [Fact]
    public void ClassOf_EverySize_IsTheSmallestClassThatHoldsIt()
    {
        for (int size = 1; size <= SizeClasses.LargestSize; size++)
        {
            int sizeClass = SizeClasses.ClassOf(size);
            Assert.InRange(sizeClass, 1, SizeClasses.Count - 1);
            Assert.True(SizeClasses.SizeOf(sizeClass) >= size);
            Assert.True(sizeClass == 1 || SizeClasses.SizeOf(sizeClass - 1) < size);
        }
    }

    [Fact]
    public void SizeOf_EveryClass_WastesLittleAndFillsItsPage()
    {
        for (int sizeClass = 2; sizeClass < SizeClasses.Count; sizeClass++)
        {
            int size = SizeClasses.SizeOf(sizeClass);
            int step = size - SizeClasses.SizeOf(sizeClass - 1);
            Assert.Equal(0, size % EntryAddress.GranuleSize);
            Assert.True(step <= 8 || step <= size / 16);
            Assert.InRange(SizeClasses.BlocksPerPage(sizeClass) * size, 1, SizeClasses.UnitsPerPage(sizeClass) * PageTable.UnitSize);
            Assert.True(SizeClasses.BlocksPerPage(sizeClass) >= 8);
        }
    }
}
