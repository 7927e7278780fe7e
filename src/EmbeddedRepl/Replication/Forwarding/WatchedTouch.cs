namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>One sliding entry that was read on this replica lately: what the master is to be told, or was told, of it. Under the gate.</summary>
internal sealed class WatchedTouch
{
    /// <summary>After this fraction of the window it is looked at again, whether it was read without asking for a touch. The store's own step.</summary>
    private const int LooksPerWindow = 8;

    public WatchedTouch(byte[] key)
    {
        Key = key;
        Place = new LinkedListNode<WatchedTouch>(this);
    }

    public byte[] Key { get; }

    /// <summary>The version that was read.</summary>
    public long Version { get; private set; }

    /// <summary>The sliding window, in milliseconds.</summary>
    public long Window { get; private set; }

    /// <summary>When it was last read, as far as was asked for, in milliseconds of the monotonic clock.</summary>
    public long ReadAt { get; private set; }

    /// <summary>When it is to be looked at again, in milliseconds of the monotonic clock.</summary>
    public long LookAt { get; private set; }

    /// <summary>Whether the master is still to be told.</summary>
    public bool IsPending { get; set; }

    /// <summary>Its place among those that wait, or among those that were sent.</summary>
    public LinkedListNode<WatchedTouch> Place { get; }

    /// <summary>Takes a read that came in the meantime.</summary>
    public void Read(long version, long window, long readAt)
    {
        ReadAt = version == Version ? Math.Max(ReadAt, readAt) : readAt;
        Version = version;
        Window = window;
    }

    /// <summary>The master was told.</summary>
    public void Sent()
    {
        IsPending = false;
        LookAt = ReadAt + (Window / LooksPerWindow) + 1;
    }

    /// <summary>Nobody read it in that fraction: whoever reads it now asks for a touch. It stays known while it may have to be said again.</summary>
    public void LeaveAlone() => LookAt = ReadAt + Window;

    /// <summary>Whether telling of it would change nothing any more.</summary>
    public bool IsOver(Moment now) => now.Milliseconds - ReadAt >= Window;
}
