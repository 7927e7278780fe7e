namespace EmbeddedRepl.TestKit;

/// <summary>What a <see cref="FaultProxy"/> has done so far. A test that relies on a fault checks here that it happened.</summary>
/// <param name="Connections">Connections that were accepted.</param>
/// <param name="Refused">Those among them that were reset at once, because the proxy refuses or the target could not be reached.</param>
/// <param name="BytesToTarget">Bytes passed on to the target.</param>
/// <param name="BytesToClient">Bytes passed on to the clients.</param>
/// <param name="Resets">Connections reset by a fault or by a call.</param>
/// <param name="BitsFlipped">Bits flipped.</param>
internal readonly record struct FaultStatistics(long Connections, long Refused, long BytesToTarget, long BytesToClient, long Resets, long BitsFlipped);
