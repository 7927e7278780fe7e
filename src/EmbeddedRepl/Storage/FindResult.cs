namespace EmbeddedRepl.Storage;

/// <summary>How a look into the index without the gate ended.</summary>
internal enum FindResult
{
    /// <summary>There is no such key, provided that the stripe is unchanged.</summary>
    Missing,

    /// <summary>The entry is found.</summary>
    Found,

    /// <summary>A writer was faster; the search starts over.</summary>
    Changed,
}
