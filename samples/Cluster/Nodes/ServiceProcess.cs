using System.Diagnostics;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>One run of the service as an operating system process, its output kept in a file.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;
    private readonly OrphanGuard _guard;
    private readonly StreamWriter _log;

    /// <summary>Starts the service.</summary>
    /// <param name="arguments">The command line after the service's own path.</param>
    /// <param name="environment">Variables to set besides those that are inherited.</param>
    /// <param name="logFile">Receives what the process prints, after what is in it already.</param>
    /// <param name="guard">Told about the process for as long as it runs.</param>
    public ServiceProcess(
        IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, string logFile, OrphanGuard guard)
    {
        string service = ServiceLocation.FindService();
        var start = new ProcessStartInfo(ServiceLocation.DotnetHost)
        {
            // The service reads its appsettings.json from the working directory.
            WorkingDirectory = Path.GetDirectoryName(service)!,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(service);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        RemoveForeignSettings(start);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _guard = guard;
        _log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        _process = Process.Start(start)!;
        guard.Watch(_process.Id);
        _process.StandardInput.Close();
        _process.OutputDataReceived += OnLine;
        _process.ErrorDataReceived += OnLine;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The operating system's number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends the process without giving it a chance to do anything about it (SIGKILL); returns when it is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit(TimeSpan.FromSeconds(5));
    }

    /// <summary>Ends the process if it still runs, and closes its log.</summary>
    public void Dispose()
    {
        Kill();
        _guard.Forget(_process.Id);
        _process.Dispose();
        lock (_log)
        {
            _log.Dispose();
        }
    }

    /// <summary>What the visitor's shell has set for his own services must not change what the demo shows.</summary>
    private static void RemoveForeignSettings(ProcessStartInfo start)
    {
        string[] prefixes = ["ASPNETCORE_", "ReplicatedCache__", "Kestrel__", "Logging__"];
        string[] foreign = [.. start.Environment.Keys.Where(
            name => name is "DOTNET_URLS" or "DOTNET_ENVIRONMENT"
                || prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))];
        foreach (string name in foreign)
        {
            start.Environment.Remove(name);
        }

        // Four nodes share one machine here; each of them alone on its own would use the server's collector.
        start.Environment["DOTNET_gcServer"] = "0";
    }

    private void OnLine(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            if (line.Data is not null && _log.BaseStream is { CanWrite: true })
            {
                _log.WriteLine(line.Data);
            }
        }
    }
}
