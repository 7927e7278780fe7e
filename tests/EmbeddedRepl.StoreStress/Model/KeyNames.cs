using EmbeddedRepl.Storage;

namespace EmbeddedRepl.StoreStress.Model;

/// <summary>The keys of a run: short ones, usual ones, long ones and ones that are no ASCII, because reads take another way for each. Immutable.</summary>
internal sealed class KeyNames
{
    /// <summary>What some of the keys begin with.</summary>
    public const string Prefix = "a usual key ";

    /// <summary>What keys begin with of which the model knows nothing, and which iterations pass over.</summary>
    public const byte FillerPrefix = (byte)'~';

    private readonly string[] _texts;
    private readonly byte[][] _bytes;
    private readonly Dictionary<string, int> _numbers = [];

    public KeyNames(int count)
    {
        _texts = new string[count];
        _bytes = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            _texts[i] = (i % 8) switch
            {
                0 => $"k{i}",
                1 => $"ключ {i}",
                2 => $"{new string('l', i % 64 == 2 ? 20_000 : 70)} {i}",
                _ => Prefix + i,
            };
            byte[] bytes = new byte[_texts[i].Length * KeyCodec.MaxBytesPerChar];
            _bytes[i] = bytes[..KeyCodec.Encode(_texts[i], bytes)];
            _numbers.Add(_texts[i], i);
        }
    }

    /// <summary>Whether a key is one that readers leave alone: its entries are never extended.</summary>
    public static bool IsSilent(int key) => key % 8 == 5;

    /// <summary>Whether a key is none of the model's.</summary>
    public static bool IsFiller(ReadOnlySpan<byte> bytes) => bytes[0] == FillerPrefix;

    public string Text(int key) => _texts[key];

    public byte[] Bytes(int key) => _bytes[key];

    /// <summary>The number of a key; -1 if it is none of them.</summary>
    public int NumberOf(ReadOnlySpan<byte> bytes) => _numbers.GetValueOrDefault(KeyCodec.Decode(bytes), -1);
}
