namespace EmbeddedRepl.StoreStress;

/// <summary>What happens in one round of a run.</summary>
/// <param name="Keys">How many keys there are: few, so that all meet on them, or many, so that the index grows.</param>
/// <param name="MaxLength">The longest value, in bytes. Above 128 KiB entries have an array of their own.</param>
/// <param name="IsLimited">Whether there is a limit and entries are evicted.</param>
/// <param name="Replaces">Whether the data is cleared, and the store swapped.</param>
/// <param name="Expires">Whether entries expire and slide, and time passes.</param>
/// <param name="LosesTouches">Whether the touches that reads ask for are lost, so that only what reads extended on this node keeps sliding entries.</param>
/// <param name="Lingers">Whether writers yield between the steps of a write.</param>
internal sealed record RoundPlan(int Keys, int MaxLength, bool IsLimited, bool Replaces, bool Expires, bool LosesTouches, bool Lingers)
{
    /// <summary>The most that a limited store may take, in bytes.</summary>
    public const long Limit = 8 << 20;

    /// <summary>The most keys that a plan has.</summary>
    public const int MaxKeys = 12_000;

    /// <summary>How often of 10,000 changes the data is replaced: where there are few keys that is cheap, so it is done again and again; and where writers linger, all the time.</summary>
    public int Replacements => !Replaces ? 0 : Keys > 64 ? 2 : Lingers ? 4_000 : 300;

    /// <summary>The plans take turns in what matters most, the rest is drawn.</summary>
    public static RoundPlan Draw(Random random, int round)
    {
        (int keys, int length) = (round % 6) switch
        {
            0 => (8, 300),
            1 => (2_000, 300),
            2 => (MaxKeys, 1_500),
            3 => (64, 4_000),
            4 => (400, 40_000),
            _ => (16, 400_000),
        };

        // These entries never come near the limit; without one, memory is moved and reused under readers' eyes, which is tried in every run that way.
        bool isLimited = random.Next(2) == 0 && keys != 2_000;
        return new RoundPlan(keys, length, isLimited, random.Next(2) == 0, random.Next(3) > 0, random.Next(2) == 0, random.Next(2) == 0);
    }
}
