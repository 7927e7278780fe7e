namespace EmbeddedRepl.Storage;

/// <summary>What keys begin with. Immutable.</summary>
internal sealed class KeyPrefix
{
    private readonly string _text;

    /// <param name="text">Any string; empty for all keys.</param>
    public KeyPrefix(string text)
    {
        // The first half of a pair of surrogates has other bytes by itself than in its pair.
        ReadOnlySpan<char> whole = text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text.AsSpan(0, text.Length - 1) : text;
        _text = text;
        Bytes = new byte[KeyCodec.GetByteCount(whole)];
        KeyCodec.Encode(whole, Bytes);
    }

    /// <summary>The bytes that every such key begins with; not every key that does is such a key.</summary>
    public byte[] Bytes { get; }

    /// <summary>Whether a key begins with it.</summary>
    public bool Matches(string key) => key.StartsWith(_text, StringComparison.Ordinal);
}
