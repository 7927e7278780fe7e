namespace EmbeddedRepl;

/// <summary>
/// Notes where the writes stand that a flow makes, see <see cref="IReplicatedCache.TrackWrites"/>. All members may be called from any thread at any time;
/// disposing of it again does nothing.
/// </summary>
public sealed class ConsistencyScope : IDisposable
{
    private readonly Func<string?> _token;
    private readonly Action _end;

    internal ConsistencyScope(Func<string?> token, Action end)
    {
        _token = token;
        _end = end;
    }

    /// <summary>
    /// Who waits for this has all that was written in this scope so far; null if nothing was. To be given to <see cref="IReplicatedCache.WaitForAsync"/> on any node. Can be read after disposal, too.
    /// </summary>
    /// <remarks>
    /// <para>A removal of what was not there, and a comparison that failed, leave their token as well: who waits for it does not find it either. A write that threw leaves none, not even one that may have been made all the same, such as one
    /// with a <see cref="WriteOutcomeUnknownException"/>, one that was cancelled, or the first entries of a <c>SetMany</c> that failed; <see cref="IReplicatedCache.GetConsistencyToken"/>
    /// covers those of them that are readable on this node.</para>
    /// <para>If there was a failover in between, the token is of the newer history. What was written before is covered if the new master had it, and is lost otherwise.</para>
    /// </remarks>
    public string? Token => _token();

    /// <summary>Ends the scope: nothing is noted in it any more, also not what flows that were started in it still write.</summary>
    public void Dispose() => _end();
}
