using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A node in this process that does what it is told line by line. It ends with its standard input. <see cref="NodeProcess"/> is the other end.</summary>
internal sealed class NodeChild : IDisposable
{
    public const string Verb = "node";
    public const string Failed = "failed: ";

    private static readonly Dictionary<string, Func<NodeChild, string[], string>> Commands = new()
    {
        ["info"] = (child, _) => NodeInfo.Of(child.Cache).Format(),
        ["streaming"] = (child, _) => WaitUntil(() => child.Cache.GetReplicationInfo().LinkState == ReplicationLinkState.Streaming),
        ["offset"] = (child, args) => WaitUntil(() => child.Cache.GetReplicationInfo().ReplicationOffset >= long.Parse(args[0], CultureInfo.InvariantCulture)),
        ["fill"] = (child, args) => Writers.Fill(child.Cache, Number(args[0]), Number(args[1])),
        ["save"] = (child, _) => LocalNode.Save(child.Cache),
        ["started"] = (child, _) => child._node.StartTime.TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture),
        ["write"] = (child, args) => Writers.Write(child.Cache, WriteLoad.Parse(args)).Format(),
    };

    private readonly LocalNode _node;

    private NodeChild(string[] settings) => _node = new LocalNode(settings);

    public IReplicatedCache Cache => _node.Cache;

    public static int Run(string[] settings)
    {
        using var child = new NodeChild(settings);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            try
            {
                Console.WriteLine(Commands[words[0]](child, words[1..]));
            }
            catch (Exception exception)
            {
                Console.WriteLine(Failed + exception.ToString().ReplaceLineEndings(" "));
            }
        }

        return 0;
    }

    public void Dispose() => _node.Dispose();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string WaitUntil(Func<bool> condition)
    {
        while (!condition())
        {
            Thread.Sleep(1);
        }

        return "done";
    }
}
