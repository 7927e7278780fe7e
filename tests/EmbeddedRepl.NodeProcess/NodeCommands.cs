using System.Globalization;
using System.Text.Json;
using EmbeddedRepl.NodeProcess.Clients;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.NodeProcess;

/// <summary>
/// The commands of a node process. Answers begin with <c>ok</c> or <c>error</c> and are one line:
/// <list type="bullet">
/// <item><c>set prefix count size</c>: writes <c>prefix 0</c> and so on, values of that many bytes</item>
/// <item><c>get key</c>: the value in Base64, or <c>-</c></item>
/// <item><c>slide key milliseconds</c>: writes an entry with that sliding window</item>
/// <item><c>remove key</c>, <c>clear</c></item>
/// <item><c>info</c>: a <see cref="NodeStatus"/> as JSON; <c>digest</c>: the digest alone</item>
/// <item><c>write prefix keys size [burst]</c>: writes to that many keys in turn, in the background, that many (8) per millisecond at most, until <c>pause</c>, which answers with the number of writes</item>
/// <item><c>read prefix keys</c>: reads that many keys in turn, in the background, to the end; <c>reads</c>: how many reads were made and how many of them found nothing or something else than was written</item>
/// <item><c>syncs</c>: the <see cref="SyncNote"/>s so far, as JSON</item>
/// <item><c>follow host:port</c>, <c>promote</c>, <c>override</c>: the orders of an operator</item>
/// <item><c>save</c>: saves the snapshot file; <c>saves</c>: goes on saving it in the background, to the end, whether it can be saved or not</item>
/// <item><c>clients folder node life clients keys rate seed</c>: starts <see cref="ClientFleet">clients that log what they do</see>; <c>calls-end</c> lets them end; <c>dump</c> logs a read of every key</item>
/// <item><c>line</c>: <c>id offset ancestor:end:P|R …</c>, as in an <see cref="OperationLog"/></item>
/// <item><c>demand-promotion</c>: promotes, also a node that never had any data</item>
/// <item><c>exit</c>: stops the host, as the end of the input does</item>
/// </list>
/// </summary>
internal sealed class NodeCommands(IReplicatedCache cache, NodeCore core, SyncRecorder syncs) : IDisposable
{
    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly BackgroundReader _reader = new(cache);
    private ClientFleet? _clients;
    private Thread? _writer;
    private volatile bool _isWriting;
    private long _written;

    public string Run(string line)
    {
        try
        {
            string[] words = line.Split(' ');
            return "ok " + Run(words[0], words[1..]);
        }
#pragma warning disable CA1031 // Whatever it is, the test has to hear of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return $"error {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
        }
    }

    public string StopWriting()
    {
        _isWriting = false;
        _writer?.Join();
        _writer = null;
        return Interlocked.Exchange(ref _written, 0).ToString(CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        StopWriting();
        _clients?.Dispose();
        _clients = null;
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private string Run(string command, string[] arguments)
    {
        switch (command)
        {
            case "set":
                Fill(arguments[0], Number(arguments[1]), Number(arguments[2]));
                return "";
            case "get":
                return cache.Get(string.Join(' ', arguments)) is { } value ? Convert.ToBase64String(value) : "-";
            case "slide":
                cache.Set(arguments[0], TestValue.Create(0, 100), new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMilliseconds(Number(arguments[1])) });
                return "";
            case "remove":
                cache.Remove(string.Join(' ', arguments));
                return "";
            case "clear":
                cache.Clear();
                return "";
            case "info":
                return JsonSerializer.Serialize(NodeStatus.Of(cache.GetReplicationInfo()));
            case "digest":
                return cache.GetReplicationInfo().Digest;
            case "write":
                StartWriting(arguments[0], Number(arguments[1]), Number(arguments[2]), arguments.Length > 3 ? Number(arguments[3]) : 8);
                return "";
            case "pause":
                return StopWriting();
            case "read":
                _reader.Start(arguments[0], Number(arguments[1]));
                return "";
            case "reads":
                return _reader.Result;
            case "line":
                lock (core.Gate)
                {
                    return new NodePlace(0, core.Data.History, core.Data.Offset).LineText;
                }

            case "syncs":
                return JsonSerializer.Serialize(syncs.Notes);
            case "follow":
                Wait(cache.ReplicateFromAsync(arguments[0]));
                return "";
            case "promote":
                Wait(cache.PromoteAsync());
                return "";
            case "demand-promotion":
                Wait(cache.PromoteAsync(new PromotionOptions { Force = true }));
                return "";
            case "clients":
                int[] numbers = [.. arguments[1..].Select(Number)];
                _clients = new ClientFleet(cache, core, arguments[0], new ClientSettings(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]));
                return "";
            case "calls-end":
                _clients!.StopCalling();
                return "";
            case "dump":
                return _clients!.Dump().ToString(CultureInfo.InvariantCulture);
            case "override":
                cache.OverrideFullSyncRefusals();
                return "";
            case "save":
                Wait(cache.SaveSnapshotAsync());
                return "";
            case "saves":
                new Thread(SaveForEver) { IsBackground = true, Name = "saver" }.Start();
                return "";
            default:
                throw new ArgumentException($"There is no command '{command}'.");
        }
    }

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private void SaveForEver()
    {
        while (true)
        {
            try
            {
                Wait(cache.SaveSnapshotAsync());
            }
            catch (ReplicatedCacheException)
            {
                // A full sync came in between, for instance.
            }
        }
    }

    private void Fill(string prefix, int count, int size)
    {
        for (int i = 0; i < count; i++)
        {
            cache.Set($"{prefix} {i}", TestValue.Create(i, size), NoExpiration);
        }
    }

    private void StartWriting(string prefix, int keys, int size, int burst)
    {
        _isWriting = true;
        _writer = new Thread(() =>
        {
            for (long i = 0; _isWriting; i++)
            {
                cache.Set($"{prefix} {i % keys}", TestValue.Create(i, size), NoExpiration);
                Interlocked.Increment(ref _written);

                // The machine has other work; some thousand writes per second are load enough.
                Thread.Sleep(i % burst == 0 ? 1 : 0);
            }
        })
        { IsBackground = true, Name = "writer" };
        _writer.Start();
    }
}
