namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>Reads a counter on a replica.</summary>
internal interface ICounterReader
{
    /// <summary>Looks once.</summary>
    /// <returns>The value that is visible now; 0 if there is none.</returns>
    long Get();
}
