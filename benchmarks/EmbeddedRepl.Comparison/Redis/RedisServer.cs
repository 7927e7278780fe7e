using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Redis;

/// <summary>
/// A Redis on this machine, set as its manual says is best for what is measured: no persistence, full syncs without a file and without a delay on both ends, no limit on a replica's
/// output buffer. It ends with this object.
/// </summary>
internal sealed class RedisServer : IDisposable
{
    private const string Replication = "replication";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly Lazy<string?> InstalledVersion = new(FindVersion);

    private readonly Process _process;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="replicaOf">The master to follow, or null.</param>
    /// <param name="settings">More arguments, such as <c>--dir /tmp</c>.</param>
    /// <exception cref="TimeoutException">It does not answer in 30 seconds.</exception>
    public RedisServer(RedisServer? replicaOf = null, params string[] settings)
    {
        Port = FreePort();
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true };
        string[] arguments =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning",
            "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--repl-diskless-load", "swapdb",
            "--client-output-buffer-limit", "replica 0 0 0",
            .. settings,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        if (replicaOf is not null)
        {
            start.ArgumentList.Add("--replicaof");
            start.ArgumentList.Add($"127.0.0.1 {replicaOf.Port}");
        }

        _process = Process.Start(start)!;
        long since = Stopwatch.GetTimestamp();
        while (!Answers())
        {
            if (Stopwatch.GetElapsedTime(since) > StartLimit || _process.HasExited)
            {
                Dispose();
                throw new TimeoutException("redis-server does not answer.");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Whether there is one on this machine.</summary>
    public static bool IsInstalled => Version is not null;

    /// <summary>The version on this machine, or null.</summary>
    public static string? Version => InstalledVersion.Value;

    public int Port { get; }

    /// <summary>The id of its process.</summary>
    public int Id => _process.Id;

    /// <summary>The processor time that it has used, its threads and not its forks.</summary>
    public TimeSpan ProcessorTime => ProcessStatus.ProcessorTime(_process.Id);

    /// <summary>Its resident memory, in bytes.</summary>
    public long ResidentBytes => ProcessStatus.ResidentBytes(_process.Id);

    /// <summary>A new connection to it.</summary>
    public RedisClient Connect() => new(Port);

    /// <summary>A field of INFO.</summary>
    public string Info(string field)
    {
        using RedisClient client = Connect();
        return Info(client, field);
    }

    /// <summary>A field of a section of INFO; a section costs the server less than all of them.</summary>
    public static string Info(RedisClient client, string field, string section = "all") =>
        client.Command("INFO", section)!.Split("\r\n").FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..] ?? "";

    /// <summary>Where its stream ends.</summary>
    public long Offset
    {
        get
        {
            using RedisClient client = Connect();
            return long.Parse(Info(client, "master_repl_offset", Replication), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Waits until it has a link to its master that is in sync.</summary>
    /// <exception cref="TimeoutException">It has none for too long.</exception>
    public void WaitForSync()
    {
        using RedisClient client = Connect();
        Waiting.Until("a Redis replica that is in sync", () => Info(client, "master_link_status", Replication) == "up", () => client.Command("INFO", Replication)!);
    }

    /// <summary>Waits until it has applied its master's stream up to an offset.</summary>
    /// <exception cref="TimeoutException">It hasn't for too long.</exception>
    public void WaitForOffset(long offset)
    {
        using RedisClient client = Connect();
        Waiting.Until(
            $"a Redis replica at offset {offset}",
            () => long.Parse(Info(client, "slave_repl_offset", Replication) is { Length: > 0 } text ? text : "0", CultureInfo.InvariantCulture) >= offset,
            () => client.Command("INFO", Replication)!);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? FindVersion()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("redis-server", "--version") { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();

            // "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=…"
            return output.Split(' ').FirstOrDefault(word => word.StartsWith("v=", StringComparison.Ordinal))?[2..];
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private bool Answers()
    {
        try
        {
            using RedisClient client = Connect();
            return client.Command("PING") == "PONG";
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // Nobody listens yet, or it says that it is still loading.
            return false;
        }
    }
}
