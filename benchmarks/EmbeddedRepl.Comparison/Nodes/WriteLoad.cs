using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>How a node is written to.</summary>
/// <param name="Threads">Writers at the same time.</param>
/// <param name="Writes">Entries written by all of them together.</param>
/// <param name="Batch">Entries a call: 1 is <c>Set</c>, more is <c>SetMany</c>.</param>
/// <param name="Keys">Random keys below this number.</param>
/// <param name="ValueSize">Bytes of each value.</param>
/// <param name="PerSecond">Entries a second, or 0 for as many as there can be.</param>
internal sealed record WriteLoad(int Threads, int Writes, int Batch, int Keys, int ValueSize = EntryKeys.ValueSize, int PerSecond = 0)
{
    public static WriteLoad Parse(string[] words)
    {
        int[] numbers = [.. words.Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        return new WriteLoad(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }

    /// <summary>The command for a <see cref="NodeChild"/>.</summary>
    public string Command() => $"write {Threads} {Writes} {Batch} {Keys} {ValueSize} {PerSecond}";
}
