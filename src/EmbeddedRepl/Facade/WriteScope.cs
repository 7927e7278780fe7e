using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Facade;

/// <summary>The newest position of what is written in one scope, by whatever number of flows at a time. Thread-safe.</summary>
internal sealed class WriteScope
{
    private readonly Lock _lock = new();
    private readonly ICacheNode _node;
    private WriteScope? _outer;
    private StreamPosition? _position;
    private bool _isEnded;

    /// <param name="node">Where the writes are made.</param>
    /// <param name="outer">The scope around it; null if there is none.</param>
    public WriteScope(ICacheNode node, WriteScope? outer)
    {
        _node = node;
        _outer = outer;
    }

    /// <summary>The scope around this one; once this one is ended, the first that was still open then.</summary>
    public WriteScope? Outer => Volatile.Read(ref _outer);

    /// <summary>Who has this has everything that was noted; null if nothing was.</summary>
    public StreamPosition? Position
    {
        get
        {
            lock (_lock)
            {
                return _position;
            }
        }
    }

    /// <summary>A write of this scope stands there: it counts in every scope around it that is still open.</summary>
    public void Note(in StreamPosition position)
    {
        for (WriteScope? scope = this; scope is not null; scope = scope.Outer)
        {
            scope.NoteHere(position);
        }
    }

    /// <returns>False if it had been ended before.</returns>
    public bool TryEnd()
    {
        lock (_lock)
        {
            if (_isEnded)
            {
                return false;
            }

            _isEnded = true;
        }

        // Scopes that overlap and are ended in the wrong order would otherwise hang on to each other for ever.
        WriteScope? open = Outer;
        while (open is not null && open.IsEnded)
        {
            open = open.Outer;
        }

        Volatile.Write(ref _outer, open);
        return true;
    }

    private bool IsEnded
    {
        get
        {
            lock (_lock)
            {
                return _isEnded;
            }
        }
    }

    private void NoteHere(in StreamPosition position)
    {
        lock (_lock)
        {
            if (!_isEnded && (_position is not { } noted || IsNewer(position, noted)))
            {
                _position = position;
            }
        }
    }

    /// <summary>
    /// Within a history the larger offset is the newer one. If the id changed, what is told later is, except that of several flows one may be late to tell what it wrote before the change: then this
    /// node stands already in the history that was noted.
    /// </summary>
    private bool IsNewer(in StreamPosition told, in StreamPosition noted) =>
        told.Id == noted.Id ? told.Offset > noted.Offset : _node.Position.Id != noted.Id;
}
