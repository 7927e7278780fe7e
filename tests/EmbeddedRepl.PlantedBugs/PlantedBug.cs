namespace EmbeddedRepl.PlantedBugs;

/// <summary>
/// A mistake that somebody could make in the library, as a change of one place of its source. The source itself knows nothing of it: a copy is changed, in which an environment variable chooses
/// the bug of a run (<see cref="PlantedSource"/>).
/// </summary>
/// <param name="Name">What is wrong, in a few words; unique.</param>
/// <param name="File">Where, below <c>src/EmbeddedRepl</c>, with forward slashes.</param>
/// <param name="Original">
/// The text that is replaced; stands exactly once in the file. An expression, or, if it ends with a semicolon, whole statements that declare nothing that is used behind them.
/// </param>
/// <param name="Mistake">What stands there instead when the bug is chosen; of the same kind.</param>
internal sealed record PlantedBug(string Name, string File, string Original, string Mistake)
{
    /// <summary>Whether it is the unit tests' to catch, and the simulation is not asked: see <see cref="Catalogue.UnitTestBugs"/>.</summary>
    public bool IsForUnitTests { get; init; }

    /// <summary>Whether statements are replaced, and not an expression.</summary>
    public bool IsStatement => Original[^1] == ';';
}
