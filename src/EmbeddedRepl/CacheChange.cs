namespace EmbeddedRepl;

/// <summary>One change of the data that a node serves, as a subscription tells it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Key">The key of the entry; null unless <paramref name="Kind"/> is <see cref="CacheChangeKind.Set"/> or <see cref="CacheChangeKind.Removed"/>.</param>
/// <param name="Version">The version that was set; <see cref="EntryVersion.None"/> for every other kind.</param>
public readonly record struct CacheChange(CacheChangeKind Kind, string? Key, EntryVersion Version);
