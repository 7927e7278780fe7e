using EmbeddedRepl.Fuzz;

return CommandLine.Run(args, Console.Out);
