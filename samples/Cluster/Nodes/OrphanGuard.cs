using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>
/// Makes sure that no node outlives the demo, even if the demo is killed while it has a node frozen. The guard is a second
/// process of this program that is told, line by line on its input, which processes to watch (<c>+pid</c>) and which to
/// forget (<c>-pid</c>). When its input ends, the demo is gone, and so are the nodes a moment later.
/// </summary>
/// <remarks>
/// Nodes could watch for the end of their own input instead, but a frozen process watches nothing; and the service would
/// carry code that only the demo needs.
/// </remarks>
internal sealed class OrphanGuard : IDisposable
{
    /// <summary>The argument that makes this program a guard.</summary>
    public const string Argument = "--guard";

    private readonly Process _process;
    private readonly Lock _lock = new();

    private OrphanGuard(Process process)
    {
        _process = process;
    }

    /// <summary>Starts the guard process.</summary>
    public static OrphanGuard Start()
    {
        var start = new ProcessStartInfo(ServiceLocation.DotnetHost) { RedirectStandardInput = true };
        start.ArgumentList.Add(typeof(OrphanGuard).Assembly.Location);
        start.ArgumentList.Add(Argument);
        return new OrphanGuard(Process.Start(start)!);
    }

    /// <summary>What the guard process does; returns when the demo has ended and nothing is left of it.</summary>
    public static int Run()
    {
        // Ctrl-C and the like reach the guard together with the demo. It must outlast the demo, so it ignores them.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ignore);

        var watched = new HashSet<int>();
        while (Console.In.ReadLine() is { Length: > 1 } line)
        {
            int processId = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
            _ = line[0] == '+' ? watched.Add(processId) : watched.Remove(processId);
        }

        foreach (int processId in watched)
        {
            Kill(processId);
        }

        return 0;
    }

    /// <summary>Puts a process under guard.</summary>
    public void Watch(int processId) => Tell($"+{processId}");

    /// <summary>Forgets a process that has ended, before its id can belong to another one.</summary>
    public void Forget(int processId) => Tell($"-{processId}");

    /// <summary>Ends the guard, and with it every process that is still watched.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _process.StandardInput.Dispose();
        }

        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    private static void Ignore(PosixSignalContext context) => context.Cancel = true;

    private static void Kill(int processId)
    {
        if (ProcessSignals.AreSupported)
        {
            ProcessSignals.Kill(processId);
            return;
        }

        try
        {
            using Process process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
    }

    private void Tell(string line)
    {
        lock (_lock)
        {
            try
            {
                _process.StandardInput.WriteLine(line);
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Somebody has ended the guard. The demo still cleans up after itself; only the safety net is gone.
            }
        }
    }
}
