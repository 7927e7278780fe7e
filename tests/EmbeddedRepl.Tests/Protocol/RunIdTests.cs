using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class RunIdTests
{
    [Fact]
    public void RunId_FromBytes_PrintsAndWritesThem()
    {
        byte[] bytes = FrameSamples.Bytes(0xe8, RunId.Size);
        RunId id = new(bytes);
        byte[] written = new byte[RunId.Size];
        id.CopyTo(written);

        Assert.Equal(Convert.ToHexStringLower(bytes), id.ToString());
        Assert.Equal(bytes, written);
        Assert.Equal(id, new RunId(written));
    }

    [Fact]
    public void RunId_DifferingInAnyByte_IsAnother()
    {
        for (int i = 0; i < RunId.Size; i++)
        {
            byte[] bytes = new byte[RunId.Size];
            bytes[i] = 1;
            Assert.NotEqual(default, new RunId(bytes));
        }
    }

    [Fact]
    public void RunId_New_IsRandom() => Assert.NotEqual(RunId.NewId(), RunId.NewId());

    [Theory]
    [InlineData(19)]
    [InlineData(21)]
    public void RunId_FromAnotherNumberOfBytes_IsRefused(int size) => Assert.Throws<ArgumentException>(() => new RunId(new byte[size]));
}
