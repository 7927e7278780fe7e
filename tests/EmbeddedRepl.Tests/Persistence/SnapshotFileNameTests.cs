using EmbeddedRepl.Persistence;

namespace EmbeddedRepl.Tests.Persistence;

public sealed class SnapshotFileNameTests
{
    [Theory]
    [InlineData("default", "default.snapshot")]
    [InlineData("Shop-1_a.b", "Shop-1_a.b.snapshot")]
    [InlineData("../etc/x", "%2e.%2fetc%2fx.snapshot")]
    [InlineData("a b", "a%20b.snapshot")]
    [InlineData("é", "%c3%a9.snapshot")]
    public void For_ACacheName_IsAHarmlessFileName(string cacheName, string expected)
    {
        Assert.Equal(expected, SnapshotFileName.For(cacheName));
        Assert.Null(SnapshotFileName.ProblemOf(SnapshotFileName.For(cacheName)));
    }

    [Fact]
    public void For_LongNamesThatDifferAtTheEnd_AreShortAndDiffer()
    {
        string one = SnapshotFileName.For(new string('ü', 127) + "a");
        string other = SnapshotFileName.For(new string('ü', 127) + "b");

        Assert.Equal(SnapshotFileName.MaxLength, one.Length);
        Assert.NotEqual(one, other);
        Assert.Null(SnapshotFileName.ProblemOf(one));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("a ")]
    [InlineData("a\0b")]
    public void ProblemOf_NoNameOfAFile_IsOne(string name) => Assert.NotNull(SnapshotFileName.ProblemOf(name));

    [Fact]
    public void ProblemOf_NameThatIsTooLong_NamesTheLimit() =>
        Assert.Contains("200", SnapshotFileName.ProblemOf(new string('a', 201))!, StringComparison.Ordinal);
}
