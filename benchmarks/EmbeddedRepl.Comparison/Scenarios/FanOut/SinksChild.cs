using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Runner;
using EmbeddedRepl.Comparison.Sinks;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>A process with sinks (see <see cref="StreamSink"/>), or with ends of sockets that read and forget. <see cref="SinksProcess"/> is the other end.</summary>
internal sealed class SinksChild : IDisposable
{
    public const string Verb = "sinks";
    public const string Equal = "equal";

    private readonly List<StreamSink> _sinks = [];
    private DiscardServer? _discard;

    public static int Run()
    {
        using var child = new SinksChild();
        return ChildLoop.Run(child.Answer);
    }

    public void Dispose()
    {
        _sinks.ForEach(sink => sink.Dispose());
        _discard?.Dispose();
    }

    private string Answer(string[] words)
    {
        switch (words[0])
        {
            case "add":
                for (int i = int.Parse(words[2], CultureInfo.InvariantCulture); i > 0; i--)
                {
                    _sinks.Add(new StreamSink(words[1]));
                }

                Waiting.Until("sinks that stream", () => Healthy().All(sink => sink.IsStreaming));
                return ChildLoop.Done;
            case "offset":
                long offset = long.Parse(words[1], CultureInfo.InvariantCulture);
                Waiting.Until($"sinks at offset {offset}", () => Healthy().All(sink => sink.Offset >= offset));
                return ChildLoop.Done;
            case "received":
                return string.Create(CultureInfo.InvariantCulture, $"{_sinks.Sum(sink => sink.Chunks)} {_sinks.Sum(sink => sink.ReceivedBytes)}");
            case "hashes":
                return _sinks[0].Hashes.ToString();
            case "compare":
                WindowHashes reference = WindowHashes.Parse(words[1]);
                return Healthy().Select(sink => sink.Hashes.FindDifference(reference)).FirstOrDefault(difference => difference is not null) ?? Equal;
            case "discard":
                _discard ??= new DiscardServer();
                return _discard.Port.ToString(CultureInfo.InvariantCulture);
            default:
                throw new ArgumentException($"What is '{words[0]}'?");
        }
    }

    private List<StreamSink> Healthy() => _sinks.Find(sink => sink.Failure is not null) is { } failed
        ? throw new InvalidOperationException($"A sink has failed: {failed.Failure}")
        : _sinks;
}
