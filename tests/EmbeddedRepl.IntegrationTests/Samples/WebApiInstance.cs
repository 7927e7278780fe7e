using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Processes;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Samples;

/// <summary>One instance of <c>samples/WebApi</c> at a fixed address, in a process that can be killed, stopped and started again.</summary>
internal sealed class WebApiInstance(string keyDirectory, params string[] settings) : IDisposable
{
    // Below the range from which systems take ports for outgoing connections, one of which could otherwise take it while the process is down.
    private static int _nextPort = Random.Shared.Next(12_000, 19_000);

    private readonly ConcurrentQueue<string> _log = [];
    private Process? _process;

    public Uri Url { get; } = new($"http://127.0.0.1:{NewPort()}/");

    /// <summary>What it logged, for messages of failures.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>A port that nobody uses.</summary>
    public static int NewPort()
    {
        while (true)
        {
            int port = Interlocked.Increment(ref _nextPort);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }

    /// <summary>Starts a process; returns at once.</summary>
    public void Start()
    {
        string relative = typeof(WebApiInstance).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "ServicePath").Value!;
        string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, relative));
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        ProcessStartInfo start = new(host, ["exec", program, "--urls", Url.GetLeftPart(UriPartial.Authority), $"--KeyDirectory={keyDirectory}", .. settings])
        {
            // Where its appsettings.json lies.
            WorkingDirectory = Path.GetDirectoryName(program),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it has complete data and, if it is a replica, a link that streams.</summary>
    public async Task WaitUntilHealthyAsync(HttpClient http)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TestNode.Patience * 2)
        {
            try
            {
                string health = await http.GetStringAsync(new Uri(Url, "health"));
                if (health.StartsWith("{\"status\":\"Healthy\"", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet, or unhealthy.
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"The service at {Url} does not become healthy.\n{Log}");
    }

    /// <summary>Ends it without a warning (SIGKILL).</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends it as a service ends (SIGTERM): it stops in order.</summary>
    public void Stop()
    {
        UnixSignal.Terminate(_process!.Id);
        Assert.True(_process.WaitForExit(TestNode.Patience), "The service does not stop.");

        // Only the wait without a limit also waits for the last of what it logged.
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            Kill();
        }

        _process?.Dispose();
    }
}
