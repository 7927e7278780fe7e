using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class HugePagesTests
{
    [Fact]
    public void Back_PinnedArray_KeepsItsContentWhateverTheSystemSays()
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(EntryAddress.SegmentSize, pinned: true);
        array.AsSpan().Fill(7);

        bool taken = HugePages.Back(array, array.Length);

        Assert.False(array.AsSpan().ContainsAnyExcept((byte)7));
        Assert.True(OperatingSystem.IsLinux() || !taken);
    }

    [Fact]
    public void Store_LargerThanWhatIsLeftToSmallPages_KeepsItsEntries()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 300; i++)
        {
            fixture.Set($"key-{i}", CheckedValue.Create(i, 1, 120_000));
        }

        for (int i = 0; i < 300; i++)
        {
            Assert.Equal(1, CheckedValue.Verify(i, fixture.Get($"key-{i}")));
        }
    }
}
