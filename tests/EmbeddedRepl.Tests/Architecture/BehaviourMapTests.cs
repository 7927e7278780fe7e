using System.Globalization;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Architecture;

/// <summary>Checks the map in <c>tests/README.md</c>: every promised behaviour has a test that is known to be able to fail, or an open issue.</summary>
public sealed class BehaviourMapTests
{
    private const string Proven = "proven";

    private static readonly Row[] Rows = ReadMap(File.ReadLines(Path.Combine(RepositoryFolder.FullName, "tests", "README.md")));

    [Fact]
    public void Map_EveryBehaviour_HasExactlyOneRow() =>
        Assert.Equal(BehaviourCatalogue.Issues.Keys.Order(StringComparer.Ordinal), Rows.Select(row => row.Id).Order(StringComparer.Ordinal));

    [Fact]
    public void Map_ProvenRow_HasATestAndTheChangeThatTurnsItRed() =>
        Assert.DoesNotContain(Rows, row => row.State == Proven && (row.Tests.Length == 0 || row.Change.Length == 0));

    [Fact]
    public void Map_RowThatIsNotProven_BelongsToItsOpenIssue() =>
        Assert.DoesNotContain(Rows, row => row.State != Proven && !BehaviourCatalogue.OpenIssues.Contains(IssueOf(row)));

    [Fact]
    public void Map_EveryTestInIt_ExistsAndCarriesTheId()
    {
        ILookup<string, string> tests = BehaviourTests.Find();

        Assert.Empty(
            from row in Rows
            from test in row.Tests
            where test.StartsWith(Row.SimulationPrefix, StringComparison.Ordinal)
                ? !BehaviourTests.IsSimulationCheck(test[Row.SimulationPrefix.Length..])
                : !tests[row.Id].Contains(test)
            select $"{row.Id}: {test}");
    }

    [Fact]
    public void Traits_EveryIdInATest_IsInTheCatalogue() => Assert.Empty(BehaviourTests.Find().Select(group => group.Key).Except(BehaviourCatalogue.Issues.Keys));

    [Fact]
    public void In_TraitsOnClassesAndMethods_FoundWithTheirTests()
    {
        string[] lines =
        [
            "[Trait(\"Behaviour\", \"Z1\")]",
            "public sealed class SomeTests",
            "    [Fact]",
            "    [Trait(\"Behaviour\", \"Z2\"), Trait(\"Behaviour\", \"Z3\")]",
            "    public async Task A_B_C()",
            "    public void D_E_F() => Assert.True(true);",
        ];

        Assert.Equal(
            [("Z2", "SomeTests.A_B_C"), ("Z3", "SomeTests.A_B_C"), ("Z1", "SomeTests.A_B_C"), ("Z1", "SomeTests.D_E_F")],
            BehaviourTests.In(lines));
    }

    /// <summary>A row that names another issue than its own counts as one of no issue.</summary>
    private static int IssueOf(Row row) =>
        BehaviourCatalogue.Issues.TryGetValue(row.Id, out int issue) && row.State == string.Create(CultureInfo.InvariantCulture, $"issue {issue}") ? issue : 0;

    private static Row[] ReadMap(IEnumerable<string> lines) =>
    [
        .. from line in lines
           let cells = line.Split('|', StringSplitOptions.TrimEntries)
           where cells.Length == 7 && cells[1].Length is 2 or 3 && char.IsAsciiLetterUpper(cells[1][0]) && char.IsAsciiDigit(cells[1][1])
           select new Row(cells[1], cells[3].Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(test => test.Trim('`')).ToArray(), cells[4], cells[5]),
    ];

    private sealed record Row(string Id, string[] Tests, string Change, string State)
    {
        public const string SimulationPrefix = "simulation ";
    }
}
