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
    private readonly byte[] _prefix = BytesOf(prefix);
    private readonly List<byte[]> _keys = [];
    private KeyCursor? _cursor;

    /// <summary>The next keys; perhaps none. Null when there are no more.</summary>
    public IReadOnlyList<string>? Next()
    {
        if (_cursor is { IsDone: true })
        {
            return null;
        }

        _cursor ??= core.Data.Store.CreateKeyCursor(_prefix);
        _keys.Clear();
        if (!_cursor.Step(_keys))
        {
            _cursor = null;
            return [];
        }

        var keys = new List<string>(_keys.Count);
        foreach (byte[] bytes in _keys)
        {
            string key = KeyCodec.Decode(bytes);

            // Not implied by the bytes: a prefix may end in the middle of a pair of surrogates.
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    private static byte[] BytesOf(string prefix)
    {
        // The first half of a pair has other bytes by itself than in its pair.
        ReadOnlySpan<char> whole = prefix.Length > 0 && char.IsHighSurrogate(prefix[^1]) ? prefix.AsSpan(0, prefix.Length - 1) : prefix;
        byte[] bytes = new byte[KeyCodec.GetByteCount(whole)];
        KeyCodec.Encode(whole, bytes);
        return bytes;
    }
}
