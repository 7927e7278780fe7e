using System.Globalization;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>What a <see cref="CopyChild"/> writes.</summary>
/// <param name="Sockets">To how many sockets.</param>
/// <param name="Blocks">How many blocks to each.</param>
/// <param name="BlockSize">Their size, in bytes.</param>
/// <param name="PerSecond">How many a second to each.</param>
/// <param name="OwnThreads">Whether each socket has a thread of its own that is woken for each block, as a replica's has, or one thread writes to all.</param>
internal sealed record CopyLoad(int Sockets, int Blocks, int BlockSize, double PerSecond, bool OwnThreads)
{
    public static CopyLoad Parse(string[] words) => new(
        int.Parse(words[0], CultureInfo.InvariantCulture),
        int.Parse(words[1], CultureInfo.InvariantCulture),
        int.Parse(words[2], CultureInfo.InvariantCulture),
        double.Parse(words[3], CultureInfo.InvariantCulture),
        bool.Parse(words[4]));

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture, $"{Sockets} {Blocks} {BlockSize} {PerSecond:R} {OwnThreads}");
}
