namespace EmbeddedRepl.FaultRun.History;

/// <summary>The timelines of all keys, and the removals that may have happened at a place that nobody knows.</summary>
internal sealed class Timelines
{
    public const string AllKeys = "*";

    /// <summary>For how long a removal whose caller knows nothing may still be on its way: longer than any node is frozen and any link silent.</summary>
    private static readonly TimeSpan Flight = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, KeyTimeline> _keys = [];
    private readonly Dictionary<string, List<Operation>> _hiddenRemovals = [];

    public Timelines(RunHistory history)
    {
        foreach (string key in history.Operations.Values.Select(operation => operation.Key).Concat(history.Reads.Select(read => read.Key)).Distinct())
        {
            _keys.TryAdd(key, new KeyTimeline());
        }

        foreach (Operation operation in history.Operations.Values)
        {
            if (operation.IsDenied)
            {
                continue;
            }

            // A removal that found nothing has a place as well: there the key was absent.
            if (operation.Place is not null)
            {
                foreach (KeyTimeline timeline in operation.Key == AllKeys ? (IEnumerable<KeyTimeline>)_keys.Values : [_keys[operation.Key]])
                {
                    timeline.Add(operation);
                }
            }
            else if (!operation.IsSet)
            {
                if (!_hiddenRemovals.TryGetValue(operation.Key, out List<Operation>? removals))
                {
                    _hiddenRemovals[operation.Key] = removals = [];
                }

                removals.Add(operation);
            }
        }

        foreach (KeyTimeline timeline in _keys.Values)
        {
            timeline.Sort();
        }
    }

    public KeyTimeline this[string key] => _keys[key];

    /// <summary>Whether somebody may have removed what this operation set, by this time and without knowing where.</summary>
    public bool MayBeRemoved(Operation set, long time) => HasHidden(set.Key, set, time) || HasHidden(AllKeys, set, time);

    private bool HasHidden(string key, Operation set, long time) =>
        _hiddenRemovals.TryGetValue(key, out List<Operation>? removals)
        && removals.Exists(removal => removal.Invoked <= time && removal.Invoked + (long)Flight.TotalMicroseconds >= set.Invoked);
}
