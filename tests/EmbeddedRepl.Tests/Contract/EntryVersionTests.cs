namespace EmbeddedRepl.Tests.Contract;

public sealed class EntryVersionTests
{
    [Theory]
    [InlineData(0, 0UL, "0-0000000000000000")]
    [InlineData(1, 0UL, "1-0000000000000000")]
    [InlineData(long.MaxValue, ulong.MaxValue, "7fffffffffffffff-ffffffffffffffff")]
    [InlineData(0xABC, 0x12UL, "abc-0000000000000012")]
    public void Version_PrintedAndParsed_IsTheSame(long offset, ulong hash, string text)
    {
        var version = new EntryVersion(offset, hash);
        Assert.Equal(text, version.ToString());
        Assert.True(EntryVersion.TryParse(text, out EntryVersion parsed));
        Assert.True(version == parsed && version.Equals((object)parsed) && !(version != parsed));
        Assert.Equal(version.GetHashCode(), parsed.GetHashCode());
        Assert.Equal(offset == 0, parsed.IsNone);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1")]
    [InlineData("-0000000000000000")]
    [InlineData("1-000000000000000")]
    [InlineData("1-00000000000000000")]
    [InlineData("0-0000000000000001")]
    [InlineData("8000000000000000-0000000000000000")]
    [InlineData("00000000000000001-0000000000000000")]
    [InlineData("g-0000000000000000")]
    [InlineData("1-000000000000000g")]
    [InlineData(" 1-0000000000000000")]
    [InlineData("1- 000000000000000")]
    [InlineData("1--000000000000000")]
    public void TryParse_TextThatIsNoVersion_IsRefused(string? text)
    {
        Assert.False(EntryVersion.TryParse(text, out EntryVersion version));
        Assert.True(version.IsNone);
    }
}
