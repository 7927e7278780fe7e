using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>The parent's end of a <see cref="SinksChild"/>.</summary>
internal sealed class SinksProcess() : ChildProcess(SinksChild.Verb)
{
    /// <summary>Sinks that were added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds sinks, and waits until they stream.</summary>
    public void Add(string master, int count)
    {
        Ask($"add {master} {count}");
        Count += count;
    }

    /// <summary>Waits until all have the stream up to an offset.</summary>
    public void WaitForOffset(long offset) => Ask(string.Create(CultureInfo.InvariantCulture, $"offset {offset}"));

    /// <summary>What all of them together have received.</summary>
    public (double Chunks, double Bytes) Received()
    {
        Begin("received");
        double[] numbers = Numbers();
        return (numbers[0], numbers[1]);
    }

    /// <summary>Checksums of the stream as the first one saw it.</summary>
    public string Hashes() => Ask("hashes");

    /// <summary>Compares what each has seen with these checksums.</summary>
    /// <returns><see cref="SinksChild.Equal"/>, or what differs.</returns>
    public string Compare(string hashes) => Ask($"compare {hashes}");

    /// <summary>Where connections are taken whose bytes are read and forgotten.</summary>
    public int DiscardPort() => int.Parse(Ask("discard"), CultureInfo.InvariantCulture);
}
