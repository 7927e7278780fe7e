namespace EmbeddedRepl.Simulation.Model;

/// <summary>One write on the condition that an entry is what its caller read.</summary>
/// <param name="Number">Names it in the value that it sets.</param>
/// <param name="Key">The entry, as the model names it.</param>
/// <param name="Expected">The version that its caller read; none if there was no entry.</param>
/// <param name="ExpectedValue">The value that its caller read; null if there was no entry.</param>
/// <param name="IsRemoval">Whether it removes the entry instead of setting it.</param>
internal sealed record Comparison(int Number, string Key, EntryVersion Expected, byte[]? ExpectedValue, bool IsRemoval)
{
    /// <summary>Where a master applied it; null as long as none has.</summary>
    public (HistoryModel History, long Offset)? Place { get; set; }

    /// <summary>Whether its caller was told that the entry has another version, or that for another reason nothing was written.</summary>
    public bool IsDenied { get; set; }

    public override string ToString() => $"comparison {Number} with {Expected} of {Key}";
}
