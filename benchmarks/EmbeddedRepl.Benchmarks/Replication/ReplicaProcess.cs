using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Benchmarks.Replication;

/// <summary>A replica in a process of its own, asked through its standard streams. The same class is both ends.</summary>
internal sealed class ReplicaProcess : IDisposable
{
    public const string Verb = "replica-process";

    private readonly Process _process;

    public ReplicaProcess(string master)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Verb);
        start.ArgumentList.Add(master);
        _process = Process.Start(start)!;
    }

    public static IReplicatedCache CreateNode(Action<ReplicatedCacheOptions> configure) => new ServiceCollection()
        .AddReplicatedCache(configure).Services
        .BuildServiceProvider()
        .GetRequiredService<IReplicatedCache>();

    /// <summary>The replica's own end.</summary>
    public static int Run(string[] args)
    {
        IReplicatedCache node = CreateNode(options => options.Master = args[0]);
        while (Console.ReadLine() is { } line)
        {
            Console.WriteLine(line == "echo" ? Echo(node) : Describe(node.GetReplicationInfo()));
        }

        return 0;
    }

    public ReplicaState Ask()
    {
        string[] fields = AskLine("info").Split(' ');
        return new ReplicaState(
            fields[0] == nameof(ReplicationLinkState.Streaming), long.Parse(fields[1], CultureInfo.InvariantCulture), fields[2], fields[3]);
    }

    public void WaitForStreaming()
    {
        while (!Ask().IsStreaming)
        {
            Thread.Sleep(1);
        }
    }

    /// <summary>Waits until the replica has applied everything up to an offset.</summary>
    public void WaitFor(long offset)
    {
        while (Ask().Offset < offset)
        {
            Thread.Sleep(1);
        }
    }

    /// <summary>Lets the replica poll its own memory for each value of the counter and say when it saw it; ends with <see cref="EndEcho"/>.</summary>
    public void BeginEcho() => _process.StandardInput.WriteLine("echo");

    public IReadOnlyList<double> EndEcho() =>
        [.. _process.StandardOutput.ReadLine()!.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Describe(ReplicationInfo info) =>
        string.Create(CultureInfo.InvariantCulture, $"{info.LinkState} {info.ReplicationOffset} {info.ReplicationId} {info.Digest}");

    /// <summary>Both processes read the same clock of the machine, so a time stamp in the value tells how long it was under way.</summary>
    private static string Echo(IReplicatedCache node)
    {
        Span<byte> value = stackalloc byte[PropagationPart.ValueSize];
        List<double> microseconds = [];
        long last = 0;
        while (true)
        {
            if (!node.TryGet(PropagationPart.Key, value, out _))
            {
                continue;
            }

            long number = BitConverter.ToInt64(value);
            if (number == PropagationPart.End)
            {
                return string.Join(' ', microseconds.Select(time => time.ToString("f1", CultureInfo.InvariantCulture)));
            }

            if (number != last)
            {
                last = number;
                microseconds.Add(Stopwatch.GetElapsedTime(BitConverter.ToInt64(value[8..])).TotalMicroseconds);
            }
        }
    }

    private string AskLine(string question)
    {
        _process.StandardInput.WriteLine(question);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The replica's process has ended.");
    }
}

/// <summary>What a replica says of itself.</summary>
internal readonly record struct ReplicaState(bool IsStreaming, long Offset, string Id, string Digest);
