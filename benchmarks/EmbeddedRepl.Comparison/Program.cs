using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Runner;

if (args is [NodeChild.Verb, .. string[] rest])
{
    return NodeChild.Run(rest);
}

if (args is [PartProcess.Verb, .. string[] part])
{
    return PartProcess.Run(part);
}

try
{
    return ComparisonRun.Run(ComparisonOptions.Parse(args));
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(ComparisonOptions.Usage);
    return 2;
}
