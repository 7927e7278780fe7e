using System.Diagnostics;
using EmbeddedRepl.Benchmarks.Replication;

namespace EmbeddedRepl.Benchmarks.Forwarding;

/// <summary>A master in a process of its own, which ends with its standard input. The same class is both ends.</summary>
internal sealed class MasterProcess : IDisposable
{
    public const string Verb = "master-process";

    private readonly Process _process;

    public MasterProcess()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Verb);
        _process = Process.Start(start)!;
        EndPoint = Answer();
    }

    public string EndPoint { get; }

    /// <summary>The master's own end.</summary>
    public static int Run()
    {
        IReplicatedCache node = ReplicaProcess.CreateNode(options =>
        {
            options.Role = ReplicationRole.Master;
            options.Listen.Add("127.0.0.1:0");
            options.RecoveryWindow = TimeSpan.Zero;
        });
        Console.WriteLine(node.GetReplicationInfo().ListenEndPoints[0]);
        while (Console.ReadLine() is not null)
        {
            ReplicationInfo info = node.GetReplicationInfo();
            Console.WriteLine($"{info.ReplicationOffset} {info.Digest}");
        }

        return 0;
    }

    /// <summary>The master's offset and digest.</summary>
    public string Ask()
    {
        _process.StandardInput.WriteLine();
        return Answer();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private string Answer() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The master's process has ended.");
}
