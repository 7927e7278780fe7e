using EmbeddedRepl.PlantedBugs;

return CommandLine.Run(args, Console.Out);
