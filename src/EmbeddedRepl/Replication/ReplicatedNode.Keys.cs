namespace EmbeddedRepl.Replication;

/// <content>Walks over keys, and removals of many.</content>
internal sealed partial class ReplicatedNode
{
    public IEnumerable<IReadOnlyList<string>> EnumerateKeys(string prefix)
    {
        var walk = new KeyWalk(_core, prefix);
        while (walk.Next() is { } keys)
        {
            yield return keys;
        }
    }

    public RemovedMany RemoveMany(IReadOnlyList<string> keys)
    {
        var removals = new ManyRemovals(keys);
        WriteAll(removals);
        return new RemovedMany(removals.Removed, removals.Result);
    }

    public async ValueTask<RemovedMany> RemoveManyAsync(IReadOnlyList<string> keys, CancellationToken token)
    {
        var removals = new ManyRemovals(keys);
        await WriteAllAsync(removals, token).ConfigureAwait(false);
        return new RemovedMany(removals.Removed, removals.Result);
    }
}
