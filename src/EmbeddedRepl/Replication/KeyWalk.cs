using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Walks over the keys of what a node serves, some at a time, holding nothing between. When the data is cleared or swapped under way, it begins anew with the new data, so that
/// nothing of it is left out. For one caller.
/// </summary>
/// <param name="core">The node.</param>
/// <param name="prefix">What the keys begin with.</param>
internal sealed class KeyWalk(NodeCore core, string prefix)
{
    private readonly KeyPrefix _prefix = new(prefix);
    private readonly List<byte[]> _keys = [];
    private KeyCursor? _cursor;

    /// <summary>The next keys; perhaps none. Null when there are no more.</summary>
    public IReadOnlyList<string>? Next()
    {
        if (_cursor is { IsDone: true })
        {
            return null;
        }

        _cursor ??= core.Data.Store.CreateKeyCursor(_prefix.Bytes);
        _keys.Clear();
        if (!_cursor.Step(_keys))
        {
            _cursor = null;
            return [];
        }

        var keys = new List<string>(_keys.Count);
        foreach (byte[] bytes in _keys)
        {
            // Not implied by the bytes: a prefix may end in the middle of a pair of surrogates. Bytes that are no key, as only a faulty peer could send them, are nothing to ask for.
            if (KeyCodec.TryDecode(bytes, out string? key) && _prefix.Matches(key))
            {
                keys.Add(key);
            }
        }

        return keys;
    }
}
