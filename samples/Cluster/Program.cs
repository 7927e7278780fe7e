using System.Text;
using EmbeddedRepl.Samples.Cluster;
using EmbeddedRepl.Samples.Cluster.Nodes;

if (args is [OrphanGuard.Argument])
{
    return OrphanGuard.Run();
}

if (DemoOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(DemoOptions.Usage);
    return 2;
}

Console.OutputEncoding = Encoding.UTF8;
using var interruption = new Interruption();
return await DemoRun.RunAsync(options, interruption.Token);
