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

    private int Best(params string[] places) => MostAdvanced.Of(
        [.. places.Select((place, node) => new Answer(node, new Place(place[..1], int.Parse(place[2..], System.Globalization.CultureInfo.InvariantCulture))))], _lineage).Node;
}
