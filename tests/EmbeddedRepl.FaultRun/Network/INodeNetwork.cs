namespace EmbeddedRepl.FaultRun.Network;

/// <summary>Where nodes live and how their ways to each other can be broken.</summary>
internal interface INodeNetwork : IDisposable
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>Whether ways can be broken below the level of connections; without it the proxy does what it can.</summary>
    bool CanSilence { get; }

    /// <summary>The address that proxies listen on, reachable from every node.</summary>
    string ProxyHost { get; }

    /// <summary>Where this node listens.</summary>
    string EndPointOf(int node);

    /// <summary>The command in front of a program's own that starts it on this node.</summary>
    string[] PrefixOf(int node);

    /// <summary>Nothing that this node sends reaches the others any more; what they send reaches it, if <paramref name="bothWays"/> is false.</summary>
    void Silence(int node, bool bothWays);

    /// <summary>Undoes <see cref="Silence"/>.</summary>
    void EndSilence(int node);
}
