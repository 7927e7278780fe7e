namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes in the store: what a reader may see while a writer changes it.</summary>
internal static class StoreBugs
{
    private const string Writes = "Storage/CacheStore.Writes.cs";
    private const string Index = "Storage/HashIndex.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("a short read does not look at the stripe again", "Storage/CacheStore.ShortKeys.cs", "return StripeGenerations.IsUnchanged(ref generation, expected);", "return true;"),
        new("a read does not look at the stripe again", "Storage/CacheStore.Reads.cs", "entry.IsDedicated || StripeGenerations.IsUnchanged(ref generation, expected)", "true"),
        new("an entry's memory is reused without telling readers", Writes, "data.Generations.Bump(hash);", ""),
        new("a moved entry's readers are not told", "Storage/Compactor.cs", "data.Generations.Bump(hash);", ""),
        new("a split loses an entry now and then", Index, "Move(block, position, IndexSlot.BranchBit(slots[position], depth) ? upper : lower);", "if (position % 64 != 0) { Move(block, position, IndexSlot.BranchBit(slots[position], depth) ? upper : lower); }"),
        new("a removal empties a slot that others are found behind", Index, "slots[IndexSlot.After(position)] != IndexSlot.Empty", "false"),
        new("the digest forgets what an overwritten entry was", Writes, "data.Digest -= FreeOld(data, key.Hash, slot.Address);", "FreeOld(data, key.Hash, slot.Address);"),
        new("a touch is no part of the digest", Writes, "data.Digest += entry.DigestShare(_digestSeed) - before;", "before += default(StoreDigest);"),
        new("a clear leaves readers in the old data", "Storage/StoreData.cs", "Generations.BumpPrefix(0, 0);", ""),
        new("an expired entry is read", "Storage/CacheStore.Expiry.cs", "now < deadline", "now <= deadline + 1_000"),
    ];
}
