using EmbeddedRepl.PlantedBugs;
using EmbeddedRepl.PlantedBugs.Catalogue;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.PlantedBugs;

public class PlantedSourceTests
{
    [Fact]
    public void Catalogue_EveryBug_HasItsPlaceInTodaysSource()
    {
        string[] texts = [.. PlantedTree.PlantAll(Path.Combine(RepositoryFolder.FullName, "src", "EmbeddedRepl")).Select(file => file.Text)];

        for (int number = 1; number <= AllBugs.List.Count; number++)
        {
            Assert.Single(texts, text => text.Contains($"PlantedSwitch.Is({number})", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Catalogue_Bugs_AreManyAndHaveNamesOfTheirOwn()
    {
        Assert.True(AllBugs.List.Count >= 30, "The regime asks for 30 planted bugs at least.");
        Assert.Equal(AllBugs.List.Count, AllBugs.List.DistinctBy(bug => bug.Name).Count());
        Assert.All(AllBugs.List, bug => Assert.NotEqual(bug.Original, bug.Mistake));
    }

    [Fact]
    public void Plant_ExpressionAndStatement_BecomeSwitches()
    {
        string planted = PlantedSource.Plant("if (a < b) { Go(); }", [(7, new PlantedBug("x", "f", "a < b", "a <= b")), (8, new PlantedBug("y", "f", "Go();", ""))]);

        Assert.Equal(
            "if ((global::EmbeddedRepl.PlantedSwitch.Is(7) ? (a <= b) : (a < b))) { if (global::EmbeddedRepl.PlantedSwitch.Is(8)) {  } else { Go(); } }",
            planted);
    }

    [Theory]
    [InlineData("a > b;")]
    [InlineData("a < b; a < b;")]
    public void Plant_TextIsNotThereOnce_Throws(string text) =>
        Assert.Throws<InvalidOperationException>(() => PlantedSource.Plant(text, [(1, new PlantedBug("x", "f", "a < b", "a <= b"))]));

    [Fact]
    public void Plant_BugsOverlap_Throws() =>
        Assert.Throws<InvalidOperationException>(() => PlantedSource.Plant("a < b;", [(1, new PlantedBug("x", "f", "a < b", "true")), (2, new PlantedBug("y", "f", "< b", "> b"))]));
}
