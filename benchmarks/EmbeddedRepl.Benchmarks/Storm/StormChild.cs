using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>A process with some of the receivers, asked through its standard streams. The same class is both ends.</summary>
internal sealed class StormChild : IDisposable
{
    public const string Verb = "storm-child";
    public const string Replicas = "replicas";
    public const string Sinks = "sinks";
    public const string Equal = "equal";

    private readonly Process _process;

    public StormChild(string kind, string endPoint, int count)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in new[] { Verb, kind, endPoint, count.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
    }

    /// <summary>The child's own end.</summary>
    public static int Run(string[] args)
    {
        int count = int.Parse(args[2], CultureInfo.InvariantCulture);
        using IReceivers receivers = args[0] == Replicas ? new ReplicaReceivers(args[1], count) : new SinkReceivers(args[1], count);
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', 2);
            Console.WriteLine(words[0] switch
            {
                "start" or "restart" => Do(receivers.Restart),
                "state" => $"{receivers.Streaming} {receivers.Offset}",
                _ => receivers.FindDifference(words[1]) ?? Equal,
            });
        }

        return 0;
    }

    public void Tell(string command) => Ask(command);

    public (int Streaming, long Offset) State()
    {
        string[] fields = Ask("state").Split(' ');
        return (int.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Compares what the receivers hold, or have seen, with what the master's process expects.</summary>
    /// <returns><see cref="Equal"/>, or what differs.</returns>
    public string Compare(string expected) => Ask("compare " + expected);

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(20_000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Do(Action action)
    {
        action();
        return "done";
    }

    private string Ask(string question)
    {
        _process.StandardInput.WriteLine(question);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A process of receivers has ended.");
    }
}
