namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Forwarded writes that have ended while a thread held the gate, and whose callers it tells when it has left it: waking a thread takes longer than all else that is done
/// under the gate, and who is woken needs the gate for the next write. One list for all threads, since only the holder of the gate fills it.
/// </summary>
internal sealed class EndedWrites
{
    private List<ForwardTask>? _kept;

    /// <summary>Keeps what ends from now on for the caller, who must tell it when the gate is left. Under the gate.</summary>
    /// <param name="list">Empty.</param>
    public void Keep(List<ForwardTask> list) => _kept = list;

    /// <summary>What ends from now on is told at once again. Under the gate, by whoever called <see cref="Keep"/>, before the gate is left.</summary>
    public void KeepNoMore() => _kept = null;

    /// <summary>Takes a write that has ended. Under the gate.</summary>
    /// <returns>False if nobody keeps it, so that it must be told now.</returns>
    public bool TryKeep(ForwardTask write)
    {
        _kept?.Add(write);
        return _kept is not null;
    }

    /// <summary>Tells the callers. Under no lock.</summary>
    public static void Tell(List<ForwardTask> list)
    {
        foreach (ForwardTask write in list)
        {
            write.Tell();
        }

        list.Clear();
    }
}
