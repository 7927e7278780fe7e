using EmbeddedRepl.Storage;
using EmbeddedRepl.StoreStress.Model;

namespace EmbeddedRepl.StoreStress;

/// <summary>When all threads have ended: the store holds exactly what the model says, and nothing is left of it when it is emptied.</summary>
internal static class FinalCheck
{
    // What an empty store may keep of pages: a segment of memory, and what its magazines hold back.
    private const long KeptWhenEmpty = 4 << 20;

    // What the first entry of its size takes.
    private const int PageGroup = 128 << 10;

    public static void Run(StressRound round)
    {
        lock (round.Gate)
        {
            CacheStore store = round.Store;
            CompareWithModel(round, store);
            Empty(round, store);
            CheckExtensions(round, store);
        }
    }

    private static void CompareWithModel(StressRound round, CacheStore store)
    {
        // Another store, filled one entry at a time from what is read here, has the digest only if nothing is lost, doubled or changed.
        var copy = new CacheStore(new StoreOptions(), store.Seed, round.Clock, round.Gate);
        long count = 0;
        for (int key = 0; key < round.Plan.Keys; key++)
        {
            KeyState state = round.Registers.Current(key);
            StoreKey made = store.MakeKey(round.Names.Bytes(key));
            ReadOutcome outcome = store.TryGetMetadata(made, out EntryMetadata metadata);
            if ((outcome == ReadOutcome.Hit) == state.IsAbsent)
            {
                round.Fail($"at the end key {key} is a {outcome}, its state is {state}");
                continue;
            }

            if (state.IsAbsent)
            {
                continue;
            }

            count++;
            ReadOnlySpan<byte> value = store.StoredValue(made);
            if (StressValue.OffsetOf(key, value) != state.Offset || metadata.Version != state.Offset || metadata.Expiration != state.Expiration)
            {
                round.Fail($"at the end key {key} is {metadata}, its state is {state}");
            }

            copy.Set(copy.MakeKey(made.Bytes), value, state.Expiration, state.Offset, state.LastChange);
        }

        StoreDigest recounted = store.Recount(out long recount);
        if (store.Count != count || recount != count || store.Digest != recounted || store.Digest != copy.Digest)
        {
            round.Fail($"at the end there are {count} entries in the model, {store.Count} in the store, {recount} counted anew; digests {copy.Digest}, {store.Digest}, {recounted}");
        }
    }

    // Room for a sliding entry's extension is used again when the entry is gone.
    private static void CheckExtensions(StressRound round, CacheStore store)
    {
        const int Times = 20_000;
        const int Chunk = 32 << 10;

        long before = store.UsedBytes;
        StoreKey key = store.MakeKey("sliding"u8);
        for (int i = 0; i < Times; i++)
        {
            long offset = round.NextOffset();
            store.Set(key, [1], new EntryExpiration(round.Clock.Now + 1, 1, 0), offset, offset);
        }

        store.Remove(key);
        if (store.UsedBytes > before + Chunk + PageGroup)
        {
            round.Fail($"{Times} sliding entries that came and went took {store.UsedBytes - before} bytes with them");
        }
    }

    private static void Empty(StressRound round, CacheStore store)
    {
        for (int key = 0; key < round.Plan.Keys; key++)
        {
            store.Remove(store.MakeKey(round.Names.Bytes(key)));
        }

        // Freed memory is held back in magazines, which each call empties one of.
        for (int i = 0; i < 1_000 || store.Maintain(); i++)
        {
            store.Maintain();
        }

        if (store.Count != 0 || store.Digest != default || store.UsedBytes - store.Data.FixedBytes > KeptWhenEmpty)
        {
            round.Fail($"emptied, the store has {store.Count} entries, digest {store.Digest}, and {store.UsedBytes} bytes, {store.Data.FixedBytes} of them for the index");
        }
    }
}
