namespace EmbeddedRepl.Replication.Master;

/// <content>
/// The sessions that this one's sender sends for. Waking a thread for each replica and write costs more than the sends do; so of the sessions that wait for the stream some are woken, and each sends for others, too, which take it
/// at once. Who does not is woken and sends by itself, so that no replica waits for another one's socket.
/// </content>
internal sealed partial class MasterSession
{
    /// <summary>One sender sends for so many others at most: so few that the last of them waits about as long as a change may be held back to be sent together with others.</summary>
    public const int MaxCompanions = 15;

    private readonly List<MasterSession> _companions = [];

    /// <summary>Whether there is somebody to send for. Any thread; the sender, which is woken after they were named, sees them.</summary>
    public bool HasCompanions => _companions.Count > 0;

    /// <summary>Leaves it to this session's sender, which is about to be woken, to send for another session. Under the gate.</summary>
    /// <returns>False if it sends for as many already, or one of the two has no sender that waits: the other one is to be woken.</returns>
    public bool TrySendFor(MasterSession other)
    {
        if (!HasOwnSender || !other.HasOwnSender || _companions.Count == MaxCompanions)
        {
            return false;
        }

        _companions.Add(other);
        return true;
    }

    /// <summary>Hands over those to send for now: whoever takes them sends, or wakes them. Under the gate.</summary>
    /// <param name="taken">Where they are put. The caller's own; it forgets them when it has sent, so that a session that lasts holds none that is over.</param>
    public void TakeCompanions(List<MasterSession> taken)
    {
        taken.AddRange(_companions);
        _companions.Clear();
    }

    /// <summary>The sender is busy with its own replica, or gone: whom it has not taken is woken. Under the gate.</summary>
    public void WakeCompanions()
    {
        foreach (MasterSession companion in _companions)
        {
            companion.Wake();
        }

        _companions.Clear();
    }

    /// <summary>Whether a thread of its own waits to be woken. One that is in the middle of a send may wait for its replica, and be counted as idle all the same: it was before it was woken for something else.</summary>
    private bool HasOwnSender => CallersSender is not null && IsAttached && _workStartedAt < 0;
}
