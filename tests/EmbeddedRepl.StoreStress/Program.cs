using EmbeddedRepl.StoreStress;

return CommandLine.Run(args, Console.Out);
