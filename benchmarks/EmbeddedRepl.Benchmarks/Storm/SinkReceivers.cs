using EmbeddedRepl.Comparison.Sinks;

namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>Sinks: see <see cref="StreamSink"/>.</summary>
internal sealed class SinkReceivers(string master, int count) : IReceivers
{
    private readonly List<StreamSink> _sinks = [];

    public int Streaming => _sinks.Count(sink => sink.IsStreaming);

    public long Offset => _sinks.Min(sink => sink.Offset);

    public void Restart()
    {
        Dispose();
        for (int i = 0; i < count; i++)
        {
            _sinks.Add(new StreamSink(master));
        }
    }

    public string? FindDifference(string expected)
    {
        WindowHashes reference = WindowHashes.Parse(expected);
        string[] problems = [.. _sinks.Select(sink => sink.Failure ?? sink.Hashes.FindDifference(reference)).OfType<string>()];
        return problems.Length == 0 ? null : string.Join(", ", problems.Distinct());
    }

    public void Dispose()
    {
        _sinks.ForEach(sink => sink.Dispose());
        _sinks.Clear();
    }
}
