namespace EmbeddedRepl;

/// <summary>A link that was up has ended. The replica goes on serving what it has. Immutable.</summary>
public sealed class LinkDownEventArgs : ReplicationEventArgs
{
    internal LinkDownEventArgs()
    {
    }

    /// <summary>The master, as <c>host:port</c>.</summary>
    public string Master { get; internal init; } = "";

    /// <summary>Why, for a person.</summary>
    public string Reason { get; internal init; } = "";

    /// <summary>Whether the replica tries to reach this master again; not after a promotion, an order to follow another one, or a stop.</summary>
    public bool IsRetrying { get; internal init; }
}
