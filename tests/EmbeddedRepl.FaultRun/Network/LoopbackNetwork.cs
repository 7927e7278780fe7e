using System.Globalization;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.FaultRun.Network;

/// <summary>All nodes on loopback, each with a port of its own, where network namespaces are not allowed.</summary>
internal sealed class LoopbackNetwork(int nodes, string reason) : INodeNetwork
{
    private readonly int[] _ports = [.. Enumerable.Range(0, nodes).Select(_ => FreePort.Next())];

    public string Description => $"loopback, no network namespaces ({reason}): silence comes from the proxy and from SIGSTOP only";

    public bool CanSilence => false;

    public string ProxyHost => "127.0.0.1";

    public string EndPointOf(int node) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[node]}");

    public string[] PrefixOf(int node) => [];

    public void Silence(int node, bool bothWays) => throw new NotSupportedException("Loopback cannot be silenced.");

    public void EndSilence(int node)
    {
    }

    public void Dispose()
    {
    }
}
