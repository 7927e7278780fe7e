using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Benchmarks.Forwarding;

/// <summary>A Redis without persistence on this machine, and its own benchmark as the client.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly Process _process;
    private readonly int _port;

    private RedisServer(Process process, int port)
    {
        _process = process;
        _port = port;
    }

    /// <summary>Starts one, or says that there is none.</summary>
    public static RedisServer? TryStart()
    {
        int port = FreePort();
        try
        {
            var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true };
            foreach (string argument in new[] { "--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning" })
            {
                start.ArgumentList.Add(argument);
            }

            var server = new RedisServer(Process.Start(start)!, port);
            server.WaitUntilItListens();
            return server;
        }
        catch (Win32Exception)
        {
            Console.WriteLine("redis-server is not installed (Debian: apt-get install redis-server), so there is nothing to compare with.");
            return null;
        }
    }

    /// <summary>SET of random keys, each client waiting for its answer before the next.</summary>
    public Figure Set(int clients, int requests, int keys, int valueSize)
    {
        var start = new ProcessStartInfo("redis-benchmark") { RedirectStandardOutput = true };
        foreach (string argument in new[] { "-p", $"{_port}", "-t", "set", "-c", $"{clients}", "-n", $"{requests}", "-r", $"{keys}", "-d", $"{valueSize}", "--csv" })
        {
            start.ArgumentList.Add(argument);
        }

        using Process benchmark = Process.Start(start)!;
        string[] lines = benchmark.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        benchmark.WaitForExit();

        // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
        double[] fields = [.. lines[^1].Split(',')[1..].Select(field => double.Parse(field.Trim('"'), CultureInfo.InvariantCulture))];
        return new Figure(fields[0], fields[3] * 1_000, fields[5] * 1_000);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void WaitUntilItListens()
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, _port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }
    }
}
