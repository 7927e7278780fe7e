using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

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
        ["write"] = (child, args) => Writers.Write(child.Cache, WriteLoad.Parse(args)).Format(),
    };

    private readonly ServiceProvider _services;

    private NodeChild(string[] settings)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create("ReplicatedCache:" + pair[0], (string?)pair[1])))
            .Build();
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddReplicatedCache().Services
            .BuildServiceProvider();
        Cache = _services.GetRequiredService<IReplicatedCache>();
    }

    public IReplicatedCache Cache { get; }

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

    public void Dispose() => _services.Dispose();

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
