using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.FaultRun.Network;

/// <summary>
/// A network namespace per node, each with one interface on a bridge of ours: a broken way behaves like a cable that was pulled, and not like a connection that was closed. Linux, as root.
/// Names and the subnet carry a number of this run, so that runs do not meet; the subnet is of the range that is set aside for benchmarks (RFC 2544).
/// </summary>
internal sealed class NamespaceNetwork : INodeNetwork
{
    private const int Port = 6390;

    private readonly int _nodes;
    private readonly string _name;
    private readonly string _subnet;

    private NamespaceNetwork(int nodes, int number)
    {
        _nodes = nodes;
        _name = string.Create(CultureInfo.InvariantCulture, $"erfr{number}");
        _subnet = string.Create(CultureInfo.InvariantCulture, $"198.18.{number}");
    }

    public string Description => $"a network namespace per node ({_name}n0 and so on, {_subnet}.0/24)";

    public bool CanSilence => true;

    public string ProxyHost => $"{_subnet}.1";

    private string Bridge => $"{_name}b";

    /// <summary>Sets everything up; null, with the reason, where that is not allowed.</summary>
    public static NamespaceNetwork? TryCreate(int nodes, out string reason)
    {
        reason = "";
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            reason = "only root on Linux may make them";
            return null;
        }

        var network = new NamespaceNetwork(nodes, Environment.ProcessId % 256);
        try
        {
            network.SetUp();
            return network;
        }
        catch (Exception exception) when (exception is IOException or Win32Exception)
        {
            reason = exception.Message;
            network.Dispose();
            return null;
        }
    }

    public string EndPointOf(int node) => string.Create(CultureInfo.InvariantCulture, $"{AddressOf(node)}:{Port}");

    public string[] PrefixOf(int node) => ["ip", "netns", "exec", NameOf(node)];

    public void Silence(int node, bool bothWays)
    {
        if (bothWays)
        {
            Ip("-n", NameOf(node), "link", "set", "eth0", "down");
            return;
        }

        foreach (string address in Others(node))
        {
            Ip("-n", NameOf(node), "route", "replace", "blackhole", $"{address}/32");
        }
    }

    public void EndSilence(int node)
    {
        Ip("-n", NameOf(node), "link", "set", "eth0", "up");
        foreach (string address in Others(node))
        {
            TryIp("-n", NameOf(node), "route", "del", "blackhole", $"{address}/32");
        }
    }

    public void Dispose()
    {
        for (int node = 0; node < _nodes; node++)
        {
            // Its end of the cable goes with it, and the other end with that.
            TryIp("netns", "del", NameOf(node));
        }

        TryIp("link", "del", Bridge);
    }

    private static void Ip(params string[] arguments)
    {
        if (TryIp(arguments) is { } error)
        {
            throw new IOException($"ip {string.Join(' ', arguments)}: {error}");
        }
    }

    /// <returns>What went wrong; null if nothing did.</returns>
    private static string? TryIp(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string error = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error;
    }

    private void SetUp()
    {
        Ip("link", "add", Bridge, "type", "bridge");
        Ip("addr", "add", $"{ProxyHost}/24", "dev", Bridge);
        Ip("link", "set", Bridge, "up");
        for (int node = 0; node < _nodes; node++)
        {
            string name = NameOf(node);
            string cable = string.Create(CultureInfo.InvariantCulture, $"{_name}v{node}");
            Ip("netns", "add", name);
            Ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
            Ip("link", "set", cable, "master", Bridge);
            Ip("link", "set", cable, "up");
            Ip("-n", name, "addr", "add", $"{AddressOf(node)}/24", "dev", "eth0");
            Ip("-n", name, "link", "set", "eth0", "up");
            Ip("-n", name, "link", "set", "lo", "up");
        }
    }

    private string NameOf(int node) => string.Create(CultureInfo.InvariantCulture, $"{_name}n{node}");

    private string AddressOf(int node) => string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{10 + node}");

    private IEnumerable<string> Others(int node) => Enumerable.Range(0, _nodes).Where(other => other != node).Select(AddressOf).Prepend(ProxyHost);
}
