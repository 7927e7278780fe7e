using System.Buffers.Binary;
using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// P7: nothing of a discarded history survives. Remembers of each value that tells itself from all others where it was written, and demands of whatever is read that it was written on
/// the line of the node that answers. It compares values alone: no version, no offset and no digest of the node.
/// </summary>
internal sealed class ValueOrigins
{
    /// <summary>So many bytes of chance, or of a name, at the beginning of a value are not there twice.</summary>
    private const int NameSize = 12;

    private readonly Dictionary<(ulong, uint), List<(HistoryModel History, long Offset)>> _origins = [];

    /// <summary>A master has set a value.</summary>
    public void Written(HistoryModel history, byte[] value)
    {
        if (NameOf(value) is { } name)
        {
            if (!_origins.TryGetValue(name, out List<(HistoryModel History, long Offset)>? places))
            {
                _origins[name] = places = [];
            }

            places.Add((history, history.End));
        }
    }

    /// <summary>A caller has read a value on a node that stands somewhere.</summary>
    public void CheckRead(string node, HistoryModel line, long offset, byte[] value)
    {
        if (NameOf(value) is not { } name)
        {
            return;
        }

        if (!_origins.TryGetValue(name, out List<(HistoryModel History, long Offset)>? places))
        {
            throw new SimulationFailedException($"P7: {node} answers a read with {value.Length} bytes that nobody ever wrote.");
        }

        if (!places.Exists(place => place.Offset <= offset && line.Contains(place.History, place.Offset)))
        {
            throw new SimulationFailedException(
                $"P7: {node} at {line.Id}:{offset} answers a read with a value that was written at {places[^1].History.Id}:{places[^1].Offset}, which is not on its line.");
        }
    }

    private static (ulong, uint)? NameOf(byte[] value) => value.Length < NameSize
        ? null
        : (BinaryPrimitives.ReadUInt64LittleEndian(value), BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(sizeof(ulong))));
}
