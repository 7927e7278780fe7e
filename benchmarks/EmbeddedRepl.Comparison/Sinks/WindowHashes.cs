using System.Globalization;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Comparison.Sinks;

/// <summary>
/// Checksums of a stream, one for each window of 1 MiB of its offsets, so that receivers that began at different offsets can be compared: every window
/// that both have seen whole must have the same one.
/// </summary>
internal sealed class WindowHashes
{
    private const long Window = 1 << 20;

    private readonly Dictionary<long, uint> _whole = [];
    private uint _running;
    private long _next;
    private bool _isWhole;

    /// <summary>The stream begins here.</summary>
    public void Begin(long offset)
    {
        _next = offset;
        _isWhole = offset % Window == 0;
        _running = Crc32C.Initial;
    }

    /// <summary>The next bytes of the stream.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = (int)Math.Min(bytes.Length, Window - (_next % Window));
            _running = Crc32C.Append(_running, bytes[..count]);
            bytes = bytes[count..];
            _next += count;
            if (_next % Window == 0)
            {
                if (_isWhole)
                {
                    _whole.Add((_next / Window) - 1, _running);
                }

                _isWhole = true;
                _running = Crc32C.Initial;
            }
        }
    }

    /// <summary>Says in how many windows the two differ; null if in none. The reference must have all that these have.</summary>
    public string? FindDifference(WindowHashes reference)
    {
        int wrong = _whole.Count(pair => !reference._whole.TryGetValue(pair.Key, out uint expected) || expected != pair.Value);
        return wrong > 0 ? $"{wrong} of {_whole.Count} windows of the stream differ" : _whole.Count == 0 ? "no window was seen whole" : null;
    }

    public static WindowHashes Parse(string text)
    {
        var hashes = new WindowHashes();
        foreach (string pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split(':');
            hashes._whole.Add(long.Parse(parts[0], CultureInfo.InvariantCulture), uint.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        return hashes;
    }

    public override string ToString() => string.Join(',', _whole.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}:{pair.Value}")));
}
