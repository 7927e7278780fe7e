using System.Text;
using EmbeddedRepl.Samples.Cluster;
using EmbeddedRepl.Samples.Cluster.Nodes;
using EmbeddedRepl.Samples.Cluster.Scenario;

if (args is [OrphanGuard.Argument])
{
    return OrphanGuard.Run();
}

if (DemoOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(DemoOptions.Usage);
    return 2;
}

if (options.List)
{
    foreach ((string name, string story) in Scenarios.All)
    {
        Console.WriteLine($"{name,-10} {story}");
    }

    return 0;
}

Console.OutputEncoding = Encoding.UTF8;
using var interruption = new Interruption();
return await DemoRun.RunAsync(options, interruption.Token);
