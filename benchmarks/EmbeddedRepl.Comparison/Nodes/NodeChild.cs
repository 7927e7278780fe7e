using System.Globalization;
using EmbeddedRepl.Comparison.Runner;
using EmbeddedRepl.Comparison.Visibility;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A node in this process that does what it is told line by line. It ends with its standard input. <see cref="NodeProcess"/> is the other end.</summary>
internal sealed class NodeChild : IDisposable
{
    public const string Verb = "node";

    private static readonly Dictionary<string, Func<NodeChild, string[], string>> Commands = new()
    {
        ["info"] = (child, _) => NodeInfo.Of(child.Cache).Format(),
        ["streaming"] = (child, _) => child.WaitUntil("a link that streams", info => info.LinkState == ReplicationLinkState.Streaming),
        ["offset"] = (child, args) => child.WaitForOffset(long.Parse(args[0], CultureInfo.InvariantCulture)),
        ["follow"] = (child, args) => NodeOrders.Follow(child.Cache, args[0]),
        ["empty"] = (child, _) => NodeOrders.Empty(child.Cache),
        ["fill"] = (child, args) => Writers.Fill(child.Cache, Number(args[0]), Number(args[1]), args.Length > 2 ? Number(args[2]) : 1),
        ["count"] = (child, args) => CounterWriting.Run(new CacheCounter(child.Cache), CounterLoad.Parse(args)).Format(),
        ["watch"] = (child, args) => Sightings.Format(CounterWatch.Run(new CacheCounter(child.Cache), CounterLoad.Parse(args))),
        ["save"] = (child, _) => LocalNode.Save(child.Cache),
        ["started"] = (child, _) => child._node.StartTime.TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture),
        ["loaded"] = (child, _) => child.Cache.GetReplicationInfo().Snapshot!.LoadDuration!.Value.TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture),
        ["write"] = (child, args) => Writers.Write(child.Cache, WriteLoad.Parse(args)).Format(),
        ["load"] = (child, args) => child._background.Start(child.Cache, Number(args[0]), Number(args[1])),
        ["load-written"] = (child, _) => child._background.Written(),
        ["load-end"] = (child, _) => child._background.Stop(),
        ["probe"] = (child, args) => child._probe.Start(child.Cache, Number(args[0]), Number(args[1])),
        ["probe-open"] = (child, _) => child._probe.Open(),
        ["probe-close"] = (child, _) => child._probe.Close(),
        ["probe-take"] = (child, _) => child._probe.Take(),
        ["probe-end"] = (child, _) => child._probe.Stop(),
        ["burn"] = (_, args) => Burner.Burn(args),
        ["bare-replica"] = (child, args) => child._bare.Listen(Number(args[0])),
        ["bare-receive"] = (child, args) => child._bare.Receive(Number(args[0])),
        ["bare-stream"] = (child, args) => child._bareStream.Prepare(Number(args[0]), Number(args[1])),
        ["bare-send"] = (child, args) => child._bareStream.Send(Number(args[0])),
    };

    private readonly LocalNode _node;
    private readonly BackgroundLoad _background = new();
    private readonly WriteProbe _probe = new();
    private readonly BareReplica _bare = new();
    private readonly BareStream _bareStream = new();

    private NodeChild(string[] settings) => _node = new LocalNode(settings);

    public IReplicatedCache Cache => _node.Cache;

    public static int Run(string[] settings)
    {
        using var child = new NodeChild(settings);
        return ChildLoop.Run(words => Commands[words[0]](child, words[1..]));
    }

    public void Dispose()
    {
        _background.Dispose();
        _probe.Dispose();
        _bare.Dispose();
        _node.Dispose();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private string WaitForOffset(long offset) => WaitUntil($"offset {offset}", info => info.ReplicationOffset >= offset);

    private string WaitUntil(string what, Func<ReplicationInfo, bool> condition)
    {
        Waiting.Until(what, () => condition(Cache.GetReplicationInfo()), () => Cache.GetReplicationInfo().ToString());
        return ChildLoop.Done;
    }
}
