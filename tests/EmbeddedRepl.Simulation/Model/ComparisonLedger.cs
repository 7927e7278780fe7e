using System.Buffers.Binary;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// P3 of conditional writes. Those that succeeded form a correct history: in the stream of its master each of them follows directly on exactly what its caller had read, and each happened
/// at most once. Those that were denied left nothing, and what denied them was really there.
/// </summary>
internal sealed class ComparisonLedger(ReferenceModel model)
{
    private const int NameSize = 12;

    private readonly List<Comparison> _all = [];

    private static ReadOnlySpan<byte> Mark => "compares"u8;

    public Comparison Add(string key, EntryVersion expected, byte[]? expectedValue, bool isRemoval)
    {
        var comparison = new Comparison(_all.Count, key, expected, expectedValue, isRemoval);
        _all.Add(comparison);
        return comparison;
    }

    /// <summary>A value that names a comparison.</summary>
    public static byte[] Value(Comparison comparison, int size)
    {
        byte[] value = new byte[Math.Max(size, NameSize)];
        Mark.CopyTo(value);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(Mark.Length), comparison.Number);
        return value;
    }

    /// <summary>A master has written something.</summary>
    public void Changed(HistoryModel history, in ModelChange change)
    {
        if (change.Kind != Protocol.RecordKind.Set || change.After is not { } entry || entry.Value.Length < NameSize || !entry.Value.AsSpan().StartsWith(Mark))
        {
            return;
        }

        Comparison comparison = _all[BinaryPrimitives.ReadInt32LittleEndian(entry.Value.AsSpan(Mark.Length))];
        if (comparison.Place is { } first)
        {
            throw Failed($"{comparison} is applied at {history.Id}:{history.End}, and was at {first.History.Id}:{first.Offset}");
        }

        if (comparison.IsDenied)
        {
            throw Failed($"{comparison} was denied, and is applied later, at {history.Id}:{history.End}");
        }

        ModelEntry? before = change.Before;
        if (before is null && history.LastRemoval(change.Key, history.End) is var removed && removed > history.StepStart)
        {
            // The entry that was compared was itself evicted to make room, in the same step.
            before = history.At(change.Key, removed - 1);
        }

        if (before is { } there && IsExpired(there, history.Writer))
        {
            before = null;
        }

        if (!IsExpected(comparison, before))
        {
            throw Failed($"{comparison} succeeds at {history.Id}:{history.End}, where the entry was of version {change.Before?.Version}");
        }

        comparison.Place = (history, history.End);
    }

    /// <summary>A caller was told that its comparison succeeded, at a place.</summary>
    public void Succeeded(Comparison comparison, ReplicationId id, long offset)
    {
        HistoryModel line = model[id];
        if (!comparison.IsRemoval)
        {
            if (comparison.Place is not { } place || place.Offset > offset || !line.Contains(place.History, place.Offset))
            {
                throw Failed($"{comparison} was said to be written at {id}:{offset}, and is not");
            }
        }
        else if (!comparison.Expected.IsNone && (line.At(comparison.Key, offset) is not null || !IsExpected(comparison, line.At(comparison.Key, offset - 1))))
        {
            throw Failed($"{comparison} was said to have removed the entry at {id}:{offset}, and has not");
        }
    }

    /// <summary>A caller was told that the entry has another version, by a master that stood at a place.</summary>
    public void Conflicted(Comparison comparison, ReplicationId id, long offset)
    {
        NothingWritten(comparison);
        HistoryModel line = model[id];
        if (line.At(comparison.Key, offset) is { } there ? IsExpected(comparison, there) && there.Expiration.Deadline == 0 : comparison.Expected.IsNone)
        {
            throw Failed($"{comparison} was said to conflict at {id}:{offset}, where the entry was what is expected");
        }
    }

    /// <summary>A caller was told, so that it may rely on it, that nothing was written.</summary>
    public static void NothingWritten(Comparison comparison)
    {
        comparison.IsDenied = true;
        if (comparison.Place is { } place)
        {
            throw Failed($"{comparison} was denied, and is applied at {place.History.Id}:{place.Offset}");
        }
    }

    private static bool IsExpected(Comparison comparison, ModelEntry? entry) => entry is null
        ? comparison.Expected.IsNone
        : entry.Version == comparison.Expected.Offset && comparison.ExpectedValue is { } read && read.AsSpan().SequenceEqual(entry.Value);

    private static bool IsExpired(ModelEntry entry, SimulatedProcess? master) =>
        entry.Expiration.Deadline != 0 && master is not null && entry.Expiration.Deadline <= master.Now().UtcMilliseconds;

    private static SimulationFailedException Failed(string what) => new($"P3: {what}.");
}
