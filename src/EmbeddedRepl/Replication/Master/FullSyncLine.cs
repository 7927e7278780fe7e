namespace EmbeddedRepl.Replication.Master;

/// <summary>Lets at most so many full syncs run at a time; further replicas wait in the order in which they came.</summary>
internal sealed class FullSyncLine
{
    private readonly List<MasterSession> _running = [];
    private readonly List<MasterSession> _waiting = [];

    public int Running => _running.Count;

    public int Waiting => _waiting.Count;

    /// <summary>Takes a place, or a place in the line.</summary>
    /// <returns>Whether the full sync may start now.</returns>
    public bool Enter(MasterSession session, int limit)
    {
        if (_running.Count < limit)
        {
            _running.Add(session);
            return true;
        }

        _waiting.Add(session);
        return false;
    }

    /// <summary>How many are served before the session, counted from 1; 0 if it does not wait.</summary>
    public int PositionOf(MasterSession session) => _waiting.IndexOf(session) + 1;

    /// <summary>Sends everybody away: no place and no line is left.</summary>
    public void Dissolve()
    {
        _running.Clear();
        _waiting.Clear();
    }

    /// <summary>Gives the place up and lets the next ones in.</summary>
    /// <returns>The sessions whose turn it is.</returns>
    public IReadOnlyList<MasterSession> Leave(MasterSession session, int limit)
    {
        _waiting.Remove(session);
        if (!_running.Remove(session))
        {
            return [];
        }

        return Admit(limit);
    }

    /// <summary>Lets the next ones in, as far as there are places.</summary>
    /// <returns>The sessions whose turn it is.</returns>
    public IReadOnlyList<MasterSession> Admit(int limit)
    {
        List<MasterSession> next = [];
        while (_running.Count < limit && _waiting.Count > 0)
        {
            MasterSession first = _waiting[0];
            _waiting.RemoveAt(0);
            _running.Add(first);
            next.Add(first);
        }

        return next;
    }
}
