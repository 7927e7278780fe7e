using EmbeddedRepl.Protocol;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// One history as its master wrote it: at each record's end the digest and the number of entries, and for each key what it
/// was when. Fed with the bytes of the stream, which it reads and applies on its own.
/// </summary>
internal sealed class HistoryModel
{
    private static readonly RecordLimits Limits = new(65_000, 64 << 20);

    private readonly Dictionary<long, Boundary> _boundaries = [];
    private readonly Dictionary<string, List<ModelVersion>> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelEntry> _live = new(StringComparer.Ordinal);
    private readonly List<long> _clears = [];
    private readonly Dictionary<string, List<long>> _removals = new(StringComparer.Ordinal);
    private readonly ulong _digestSeed;
    private StoreDigest _digest;

    public HistoryModel(ReplicationId id, HistoryModel? parent, long start, ulong digestSeed, AncestorEnd beganBy = AncestorEnd.Promotion)
    {
        Id = id;
        Parent = parent;
        BeganBy = beganBy;
        Start = start;
        End = start;
        _digestSeed = digestSeed;
        if (parent is not null)
        {
            Boundary at = parent.Find(start) ?? throw new SimulationFailedException($"A history was continued at {start}, where no record ends.");
            _digest = new StoreDigest(at.Digest);
            foreach (string key in parent.KeysEver())
            {
                if (parent.At(key, start) is { } entry)
                {
                    _live[key] = entry;
                }
            }
        }

        _boundaries[start] = new Boundary(_digest.Sum, _live.Count);
    }

    /// <summary>Where a node stands that holds nothing.</summary>
    public static HistoryModel Nothing { get; } = new(ReplicationId.None, null, 0, 0);

    public ReplicationId Id { get; }

    /// <summary>Called with each change, when its record stands at the end.</summary>
    public Action<HistoryModel, ModelChange> WhenChanged { get; init; } = (_, _) => { };

    /// <summary>Who writes it.</summary>
    public SimulatedProcess? Writer { get; init; }

    /// <summary>The history that this one continues; null if it began empty.</summary>
    public HistoryModel? Parent { get; }

    /// <summary>What made it begin, and ended its parent: a promotion, or a restart.</summary>
    public AncestorEnd BeganBy { get; }

    /// <summary>The offset at which it begins.</summary>
    public long Start { get; }

    public long End { get; private set; }

    /// <summary>Where the step began whose records are being appended.</summary>
    public long StepStart { get; private set; }

    public long LargestRecord { get; private set; }

    /// <summary>The keys that are there at the end.</summary>
    public IReadOnlyDictionary<string, ModelEntry> Live => _live;

    /// <summary>What must be true at an offset; null if no record ends there.</summary>
    public Boundary? Find(long offset) => offset < Start
        ? Parent?.Find(offset)
        : _boundaries.TryGetValue(offset, out Boundary boundary) ? boundary : null;

    /// <summary>Whether a node at a place in another history is on this line: what it has is a prefix of what this one has.</summary>
    public bool Contains(HistoryModel other, long offset)
    {
        long end = long.MaxValue;
        for (HistoryModel? line = this; line is not null; line = line.Parent)
        {
            if (line == other)
            {
                return offset <= end;
            }

            end = Math.Min(end, line.Start);
        }

        return false;
    }

    /// <summary>
    /// Another history, or the one that a node of it really stands on: it may have been told of an id and have got nothing of it, and that id need not be on this line.
    /// </summary>
    public HistoryModel PlaceOf(HistoryModel other, long offset)
    {
        while (!Contains(other, offset) && other.Parent is { } parent && (other.Start > offset || (other.Start == offset && other.BeganBy == AncestorEnd.Restart)))
        {
            other = parent;
        }

        return other;
    }

    /// <summary>Whether this line comes from another history, wherever it left it.</summary>
    public bool DescendsFrom(HistoryModel other)
    {
        HistoryModel? line = this;
        while (line is not null && line != other)
        {
            line = line.Parent;
        }

        return line is not null;
    }

    /// <summary>The first history of this line.</summary>
    public HistoryModel Origin => Parent?.Origin ?? this;

    /// <summary>What a key is at an offset.</summary>
    public ModelEntry? At(string key, long offset)
    {
        if (offset < Start)
        {
            return Parent?.At(key, offset);
        }

        ModelVersion? last = null;
        if (_keys.TryGetValue(key, out List<ModelVersion>? versions))
        {
            int index = versions.FindLastIndex(version => version.Offset <= offset);
            last = index < 0 ? null : versions[index];
        }

        int clear = _clears.FindLastIndex(cleared => cleared <= offset);
        if (clear >= 0 && _clears[clear] > (last?.Offset ?? long.MinValue))
        {
            return null;
        }

        return last is { } found ? found.Entry : Parent?.At(key, Start);
    }

    /// <summary>
    /// Where a key was last removed, alone or with all others, at or before an offset; -1 if it never was. Kept besides <see cref="At"/>, so that P6 does not depend on what P1 is checked with.
    /// </summary>
    public long LastRemoval(string key, long offset)
    {
        long last = offset < Start || Parent is null ? -1 : Parent.LastRemoval(key, Start);
        if (offset < Start)
        {
            return Parent?.LastRemoval(key, offset) ?? -1;
        }

        if (_removals.TryGetValue(key, out List<long>? removals) && removals.FindLastIndex(at => at <= offset) is >= 0 and int index)
        {
            last = Math.Max(last, removals[index]);
        }

        int clear = _clears.FindLastIndex(at => at <= offset);
        return clear < 0 ? last : Math.Max(last, _clears[clear]);
    }

    /// <summary>Every key that ever had a value on this line.</summary>
    public HashSet<string> KeysEver()
    {
        HashSet<string> keys = Parent?.KeysEver() ?? new HashSet<string>(StringComparer.Ordinal);
        keys.UnionWith(_keys.Keys);
        return keys;
    }

    /// <summary>The master has appended bytes to its stream.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        int start = 0;
        StepStart = End;
        while (RecordReader.TryRead(bytes[start..], Limits, out Record record, out int consumed))
        {
            End += consumed;
            LargestRecord = Math.Max(LargestRecord, consumed);
            Apply(record);
            _boundaries[End] = new Boundary(_digest.Sum, _live.Count);
            start += consumed;
        }

        if (start < bytes.Length)
        {
            throw new SimulationFailedException("A write left a part of a record in the stream.");
        }
    }

    private void Apply(in Record record)
    {
        string key = ModelKey.Of(record.Key);
        switch (record.Kind)
        {
            case RecordKind.Set:
                var expiration = new EntryExpiration(record.Deadline, record.SlidingWindow, record.AbsoluteCap);
                var entry = new ModelEntry(record.Value.ToArray(), expiration, End, End, Share(record.Key, record.Value, expiration));
                WhenChanged(this, new ModelChange(record.Kind, key, Put(key, entry), entry));
                break;
            case RecordKind.Remove:
                if (!_removals.TryGetValue(key, out List<long>? removals))
                {
                    _removals[key] = removals = [];
                }

                removals.Add(End);
                WhenChanged(this, new ModelChange(record.Kind, key, Put(key, null), null));
                break;
            case RecordKind.Touch:
                ModelEntry touched = _live[key];
                long cap = touched.Expiration.AbsoluteCap;
                EntryExpiration moved = touched.Expiration with { Deadline = cap == 0 ? record.Deadline : Math.Min(record.Deadline, cap) };
                if (touched.Version != record.Version || moved.Deadline <= touched.Expiration.Deadline)
                {
                    throw new SimulationFailedException("The master streamed a touch that changes nothing.");
                }

                ModelEntry later = touched with { Expiration = moved, LastChange = End, Share = Share(record.Key, touched.Value, moved) };
                WhenChanged(this, new ModelChange(record.Kind, key, Put(key, later), later));
                break;
            case RecordKind.Clear:
                _clears.Add(End);
                _live.Clear();
                _digest = default;
                WhenChanged(this, new ModelChange(record.Kind, "", null, null));
                break;
            default:
                throw new SimulationFailedException($"A {record.Kind} record stands in the stream.");
        }
    }

    /// <returns>What the key was before.</returns>
    private ModelEntry? Put(string key, ModelEntry? entry)
    {
        if (_live.Remove(key, out ModelEntry? before))
        {
            _digest -= before.Share;
        }
        else if (entry is null)
        {
            throw new SimulationFailedException("The master streamed the removal of an entry that did not exist.");
        }

        if (entry is not null)
        {
            _live[key] = entry;
            _digest += entry.Share;
        }

        if (!_keys.TryGetValue(key, out List<ModelVersion>? versions))
        {
            _keys[key] = versions = [];
        }

        versions.Add(new ModelVersion(End, entry));
        return before;
    }

    private StoreDigest Share(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, in EntryExpiration expiration)
    {
        byte[] content = [.. key, .. value];
        return EntryHash.Of(EntryHash.OfContent(content, key.Length, _digestSeed), expiration, _digestSeed);
    }
}
