using EmbeddedRepl.FaultRun.Cluster;
using EmbeddedRepl.FaultRun.History;

namespace EmbeddedRepl.Tests.FaultRun;

/// <summary>Whom the operator of a fault run goes on with. The line <c>a</c> was left at 50 by a promotion, as <c>b</c>, and by a restart, as <c>c</c>.</summary>
public sealed class MostAdvancedTests
{
    private readonly Lineage _lineage = new();

    public MostAdvancedTests()
    {
        _lineage.Learn("a", 1, 0, []);
        _lineage.Learn("b", 2, 1, [(new Place("a", 50), 'P')]);
        _lineage.Learn("c", 3, 2, [(new Place("a", 50), 'R')]);
    }

    [Theory]
    [InlineData(0, "a:90")]
    [InlineData(1, "a:80", "a:90")]
    [InlineData(1, "a:40", "b:60")]
    [InlineData(0, "a:90", "b:60")]
    [InlineData(0, "a:90", "a:90")]
    public void Of_WhoAnswers_IsWhoHasMostOfALine(int expected, params string[] places) => Assert.Equal(expected, Best(places));

    [Fact]
    public void Of_TwoLinesAndSeveralOnOneOfThem_IsNotWhoIsBehindOnIt()
    {
        // As after a master came back on its line behind a replica, beside one that is on the other line: what it has is not what to go on with.
        Assert.Equal(0, Best("c:80", "c:70", "c:75", "b:60"));
        Assert.Equal(2, Best("c:70", "b:60", "c:80"));
    }

    [Theory]
    [InlineData("c:60", null, "c:55")]
    [InlineData("b:60", null, "b:70")]
    [InlineData("c:60", "c:70", null)]
    public void Eligible_TwoLines_ThatOfTheMasterWhateverTheOtherHas(string expected, string? master, string? lastSeen) =>
        Assert.Equal([expected], Eligible(master, lastSeen, expected, "a:90"));

    [Fact]
    public void Eligible_NobodyOnTheMastersLine_NoneIfItIsThereAndAllIfItIsNot()
    {
        Assert.Empty(Eligible("c:70", "c:70", "a:90", "b:60"));
        Assert.Equal(["a:90", "b:60"], Eligible(null, "c:70", "a:90", "b:60"));
        Assert.Equal(["a:90", "b:60"], Eligible(null, null, "a:90", "b:60"));
    }

    private static Place At(string place) => new(place[..1], int.Parse(place[2..], System.Globalization.CultureInfo.InvariantCulture));

    private static Answer[] Answers(string[] places) => [.. places.Select((place, node) => new Answer(node, At(place)))];

    private string[] Eligible(string? master, string? lastSeen, params string[] others) =>
        [.. MostAdvanced.Eligible(Answers(others), master is null ? null : At(master), lastSeen is null ? null : At(lastSeen), _lineage).Select(answer => others[answer.Node])];

    private int Best(params string[] places) => MostAdvanced.Of(Answers(places), _lineage).Node;
}
