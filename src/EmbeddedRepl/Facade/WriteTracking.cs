using System.Runtime.CompilerServices;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Facade;

/// <summary>The scopes in which callers of one cache note where their writes stand. Thread-safe; costs a write one look at a field while none is open.</summary>
internal sealed class WriteTracking(ICacheNode node)
{
    private readonly AsyncLocal<WriteScope?> _innermost = new();
    private int _open;

    /// <summary>Opens a scope in the present flow.</summary>
    public ConsistencyScope Open()
    {
        var scope = new WriteScope(node, _innermost.Value);
        _innermost.Value = scope;
        Interlocked.Increment(ref _open);
        return new ConsistencyScope(() => scope.Position is { } position ? ConsistencyToken.Print(position) : null, () => End(scope));
    }

    /// <summary>A write was made in the present flow; null if it had nothing to write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Note(in WriteResult result)
    {
        // Whoever opened a scope that this write belongs to did so earlier in this flow, so the count is seen here.
        if (_open != 0)
        {
            _innermost.Value?.Note(result.Position);
        }
    }

    /// <inheritdoc cref="Note(in WriteResult)"/>
    public void Note(in WriteResult? result)
    {
        if (result is { } made)
        {
            Note(made);
        }
    }

    private void End(WriteScope scope)
    {
        if (!scope.TryEnd())
        {
            return;
        }

        Interlocked.Decrement(ref _open);
        if (_innermost.Value == scope)
        {
            _innermost.Value = scope.Outer;
        }
    }
}
