using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>Maps the secret seed of a data set to the number that a full sync hands over, after authentication.</summary>
internal static class SeedOnTheWire
{
    public static UInt128 ToWire(this StoreSeed seed) => new(seed.High, seed.Low);

    public static StoreSeed FromWire(UInt128 seed) => new((ulong)seed, (ulong)(seed >> 64));
}
