using EmbeddedRepl;
using EmbeddedRepl.Hosting;
using EmbeddedRepl.NodeProcess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A node in a process of its own, which tests can freeze, thaw and kill. It is a host like any application's, configured by arguments of the form
// Key=Value, each a key of the section ReplicatedCache; the last one of a key counts. It prints "ready", then answers each line of its input with one line, and ends with its input.
HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Configuration.AddInMemoryCollection(args.Select(argument =>
{
    int separator = argument.IndexOf('=', StringComparison.Ordinal);
    return new KeyValuePair<string, string?>($"{ReplicatedCacheOptions.SectionName}:{argument[..separator]}", argument[(separator + 1)..]);
}).GroupBy(setting => setting.Key).Select(settings => settings.Last()));
builder.Logging.AddProvider(new ErrorStreamLog()).SetMinimumLevel(LogLevel.Debug);
var nodes = new RecordingNodeFactory();
builder.Services.AddSingleton<INodeFactory>(nodes);
builder.Services.AddReplicatedCache();

using IHost host = builder.Build();
await host.StartAsync().ConfigureAwait(false);
using var commands = new NodeCommands(host.Services.GetRequiredService<IReplicatedCache>(), nodes.Core!, nodes.Recorder!);
Console.WriteLine("ready");
while (Console.ReadLine() is { } line && line != "exit")
{
    Console.WriteLine(commands.Run(line));
}

commands.Dispose();
await host.StopAsync().ConfigureAwait(false);
Console.WriteLine("bye");
