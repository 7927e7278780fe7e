using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Facade;

/// <content>Where this node and what is written through it stand, and waits for it elsewhere.</content>
internal sealed partial class ReplicatedCache
{
    public string GetConsistencyToken()
    {
        ThrowIfDisposed();
        return ConsistencyToken.Print(_node.Position);
    }

    public ConsistencyScope TrackWrites()
    {
        ThrowIfDisposed();
        return _tracking.Open();
    }

    public async Task<bool> WaitForAsync(string token, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        StreamPosition position = CheckedPosition(token, timeout);
        cancellationToken.ThrowIfCancellationRequested();
        return await _node.WaitForAsync(position, timeout, cancellationToken).ConfigureAwait(false);
    }

    public bool WaitFor(string token, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        StreamPosition position = CheckedPosition(token, timeout);
        cancellationToken.ThrowIfCancellationRequested();
        return _node.WaitFor(position, timeout, cancellationToken);
    }

    private StreamPosition CheckedPosition(string token, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(token);
        CheckTimeout(timeout);
        ThrowIfDisposed();
        return ConsistencyToken.TryParse(token, out StreamPosition position, out string? problem) ? position : throw new ArgumentException(problem, nameof(token));
    }
}
