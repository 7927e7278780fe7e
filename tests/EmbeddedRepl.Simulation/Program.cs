using EmbeddedRepl.Simulation;

return CommandLine.Run(args, Console.Out);
