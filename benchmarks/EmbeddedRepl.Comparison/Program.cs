using EmbeddedRepl.Comparison.Local;
using EmbeddedRepl.Comparison.Model;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Runner;
using EmbeddedRepl.Comparison.Scenarios.FanOut;

switch (args)
{
    case [NodeChild.Verb, .. string[] rest]:
        return NodeChild.Run(rest);
    case [SinksChild.Verb]:
        return SinksChild.Run();
    case [CopyChild.Verb]:
        return CopyChild.Run();
    case [PartProcess.Verb, .. string[] part]:
        return PartProcess.Run(part);
    case ["--help" or "-h"]:
        Console.WriteLine(ComparisonOptions.Usage);
        return 0;
}

try
{
    return args is [ModelCommand.Verb, .. string[] words] ? ModelCommand.Run(words) : ComparisonRun.Run(ComparisonOptions.Parse(args));
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(ComparisonOptions.Usage);
    return 2;
}
