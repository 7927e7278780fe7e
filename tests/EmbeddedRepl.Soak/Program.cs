using EmbeddedRepl.Soak;

return CommandLine.Run(args, Console.Out);
