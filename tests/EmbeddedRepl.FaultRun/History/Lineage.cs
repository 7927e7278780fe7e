namespace EmbeddedRepl.FaultRun.History;

/// <summary>
/// Which history continued which, and up to where, as the nodes say. What a node says of one id never changes; the last of its 16 ancestors are completed from what
/// was said when those were young.
/// </summary>
internal sealed class Lineage
{
    private readonly Dictionary<string, Birth> _births = [];
    private readonly Dictionary<string, (Place End, char EndedBy)[]> _complete = [];
    private readonly List<string> _contradictions = [];

    /// <summary>Ids of which two nodes said different things.</summary>
    public IReadOnlyList<string> Contradictions => _contradictions;

    public IEnumerable<Birth> Births => _births.Values;

    /// <summary>A node says what its line is.</summary>
    public void Learn(string id, long time, int node, (Place End, char EndedBy)[] ancestors)
    {
        _complete.Clear();
        if (!_births.TryGetValue(id, out Birth? known))
        {
            _births[id] = new Birth(id, time, node, ancestors);
            return;
        }

        int common = Math.Min(known.Ancestors.Length, ancestors.Length);
        if (!known.Ancestors.AsSpan(0, common).SequenceEqual(ancestors.AsSpan(0, common)))
        {
            _contradictions.Add($"node {known.Node} says that {id} came from {Text(known.Ancestors)}, and node {node} that it came from {Text(ancestors)}");
        }

        if (time < known.Time || ancestors.Length > known.Ancestors.Length)
        {
            bool isEarlier = time < known.Time;
            _births[id] = new Birth(
                id, Math.Min(time, known.Time), isEarlier ? node : known.Node, ancestors.Length > known.Ancestors.Length ? ancestors : known.Ancestors);
        }
    }

    /// <summary>The id under which the last byte before this offset came, on the line of this id.</summary>
    public Place Normalize(Place place)
    {
        string id = place.Id;
        foreach (var (end, _) in AncestorsOf(place.Id))
        {
            if (end.Offset < place.Offset)
            {
                break;
            }

            id = end.Id;
        }

        return place with { Id = id };
    }

    /// <summary>Whether a node at <paramref name="at"/> has what is at <paramref name="place"/>.</summary>
    public bool Contains(Place at, Place place)
    {
        place = Normalize(place);
        return place.Offset <= at.Offset && IsOnLine(at.Id, place);
    }

    /// <summary>Whether that is on the line of this id, however far.</summary>
    public bool IsOnLine(string id, Place place)
    {
        place = Normalize(place);
        if (place.Offset == 0 || place.Id == id)
        {
            return true;
        }

        foreach (var (end, _) in AncestorsOf(id))
        {
            if (end.Id == place.Id)
            {
                return place.Offset <= end.Offset;
            }
        }

        return false;
    }

    /// <summary>The pieces of a line from its newest to its oldest: id, from where, up to where.</summary>
    public IEnumerable<(string Id, long From, long To)> Pieces(string id)
    {
        string current = id;
        long to = long.MaxValue;
        foreach (var (end, _) in AncestorsOf(id))
        {
            yield return (current, end.Offset, to);
            current = end.Id;
            to = end.Offset;
        }

        yield return (current, 0, to);
    }

    /// <summary>The first id on this line that is no part of the line of <paramref name="place"/> or left it before that place; null if the place is on it.</summary>
    public Birth? ForkBefore(string id, Place place)
    {
        place = Normalize(place);
        if (IsOnLine(id, place))
        {
            return null;
        }

        string child = id;
        foreach (var (end, _) in AncestorsOf(id))
        {
            if (IsAncestorOrSelf(place.Id, end.Id))
            {
                break;
            }

            child = end.Id;
        }

        return _births.GetValueOrDefault(child);
    }

    private bool IsAncestorOrSelf(string id, string ancestor) => id == ancestor || AncestorsOf(id).Any(known => known.End.Id == ancestor);

    private (Place End, char EndedBy)[] AncestorsOf(string id)
    {
        if (_complete.TryGetValue(id, out var complete))
        {
            return complete;
        }

        var line = new List<(Place End, char EndedBy)>();
        if (_births.TryGetValue(id, out Birth? birth))
        {
            line.AddRange(birth.Ancestors);
            if (line.Count > 0)
            {
                var (oldest, _) = line[^1];
                line.AddRange(AncestorsOf(oldest.Id).Select(older => (older.End with { Offset = Math.Min(older.End.Offset, oldest.Offset) }, older.EndedBy)));
            }
        }

        return _complete[id] = [.. line];
    }

    private static string Text((Place End, char EndedBy)[] ancestors) => string.Join(", ", ancestors);
}

/// <summary>When and where an id was first seen, and what it continued.</summary>
internal sealed record Birth(string Id, long Time, int Node, (Place End, char EndedBy)[] Ancestors);
