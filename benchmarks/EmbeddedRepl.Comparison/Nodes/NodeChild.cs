using System.Globalization;
using EmbeddedRepl.Comparison.Visibility;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A node in this process that does what it is told line by line. It ends with its standard input. <see cref="NodeProcess"/> is the other end.</summary>
internal sealed class NodeChild : IDisposable
{
    public const string Verb = "node";

    private static readonly Dictionary<string, Func<NodeChild, string[], string>> Commands = new()
    {
        ["info"] = (child, _) => NodeInfo.Of(child.Cache).Format(),
        ["streaming"] = (child, _) => ChildLoop.WaitUntil(() => child.Cache.GetReplicationInfo().LinkState == ReplicationLinkState.Streaming),
        ["offset"] = (child, args) => ChildLoop.WaitUntil(() => child.Cache.GetReplicationInfo().ReplicationOffset >= long.Parse(args[0], CultureInfo.InvariantCulture)),
        ["fill"] = (child, args) => Writers.Fill(child.Cache, Number(args[0]), Number(args[1])),
        ["count"] = (child, args) => CounterWriting.Run(new CacheCounter(child.Cache), CounterLoad.Parse(args)).Format(),
        ["watch"] = (child, args) => Sightings.Format(CounterWatch.Run(new CacheCounter(child.Cache), CounterLoad.Parse(args))),
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
        return ChildLoop.Run(words => Commands[words[0]](child, words[1..]));
    }

    public void Dispose() => _services.Dispose();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
