using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Soak.Measurement;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Soak.Load;

/// <summary>
/// Lets everything go on at once at a moderate pace, for as long as is wanted. For each sample nothing more is begun, what goes on ends, and the nodes become equal; so
/// what is measured is what is left, and that the nodes are equal is checked each time, too.
/// </summary>
internal sealed class SoakRun : IDisposable
{
    private const int Samples = 40;
    private const int WarmUpRounds = 6;

    // So little that one forgotten object for every few hundred operations is beyond it in an hour.
    private const double HeapPerOperation = 0.05;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    private readonly ErrorLog _log;
    private readonly ObjectCensus _census = new();
    private readonly CancellationTokenSource _run = new();
    private readonly SoakCluster _cluster;
    private readonly ActivityState[] _activities;
    private readonly ConcurrentDictionary<string, long> _declared = new();

    private SoakRun(int seed)
    {
        // A full sync that a replica refuses and an edit that is ignored are provoked on purpose.
        _log = new ErrorLog(1504, 1816);
        _cluster = new SoakCluster(_log, seed);
        _activities = [.. new Activities(_cluster, _census, _run.Token).All.Select((activity, index) => new ActivityState(activity, new Random(seed + index)))];
    }

    public static int Run(TimeSpan duration, int seed, TextWriter output)
    {
        output.WriteLine($"{duration} of mixed load, seed {seed}");
        using var soak = new SoakRun(seed);
        try
        {
            return soak.Run(duration, output);
        }
        catch (TimeoutException exception)
        {
            // Something does not end, so whoever disposes of the nodes now may wait for it, too; the verdict must not.
            output.WriteLine(exception.Message);
            output.WriteLine("0 passed, 1 failed");
            output.Flush();
            Environment.Exit(1);
            return 1;
        }
    }

    public void Dispose()
    {
        _run.Cancel();
        _cluster.Dispose();
        _run.Dispose();
    }

    private int Run(TimeSpan duration, TextWriter output)
    {
        var growth = new GrowthCheck(Resources(), "operations");
        WarmUp();
        long start = Stopwatch.GetTimestamp();
        for (int sample = 1; sample <= Samples; sample++)
        {
            Work(start, duration * sample / Samples);
            CheckMemory();
            if (_cluster.Settle() is { } difference)
            {
                _log.Add(difference);
            }

            long[] values = growth.Sample(_activities.Sum(activity => activity.Steps));
            if (sample % (Samples / 10) == 0)
            {
                output.WriteLine(Line($"{Stopwatch.GetElapsedTime(start).TotalSeconds,6:F0} s: {growth.Describe(values)}; {_log.Count} errors"));
            }
        }

        (int passed, int failed) = growth.Report(output);
        output.WriteLine();
        foreach (ActivityState activity in _activities)
        {
            output.WriteLine($"{activity.Steps,9} {activity.Activity.Name}");
            if (activity.Steps == 0)
            {
                _log.Add($"'{activity.Activity.Name}' never happened.");
            }
        }

        ReplicationInfo master = _cluster.Master.Info;
        CacheStatistics statistics = _cluster.Master.Cache.GetStatistics();
        output.WriteLine();
        output.WriteLine($"failed as declared: {string.Join(", ", _declared.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"))}");
        output.WriteLine($"master: {master.SyncFull} full syncs, {master.SyncPartialOk} partial ones, {statistics.Evictions} evictions, {statistics.Expirations} expirations, {statistics.Count} entries");
        output.WriteLine($"{_log.Count} unexpected errors");
        foreach (string error in _log.First)
        {
            output.WriteLine("  " + error);
        }

        (passed, failed) = _log.Count == 0 ? (passed + 1, failed) : (passed, failed + 1);
        output.WriteLine(Line($"{_activities.Sum(activity => activity.Steps)} operations in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s, {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:F0} s of processor time"));
        output.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Fills the data up to its limit and lets everything happen a few times, so that pools of memory have their size before anything is measured.</summary>
    private void WarmUp()
    {
        while (_cluster.Master.Cache.GetStatistics().Evictions == 0)
        {
            StepAndWait(_activities[0]);
        }

        for (int i = 0; i < WarmUpRounds; i++)
        {
            foreach (ActivityState activity in _activities)
            {
                StepAndWait(activity);
            }

            _cluster.Settle();
        }
    }

    /// <summary>Begins what is due until that much time has passed since the start, then waits until everything that was begun has ended.</summary>
    private void Work(long start, TimeSpan until)
    {
        while (Stopwatch.GetElapsedTime(start) < until)
        {
            foreach (ActivityState activity in _activities)
            {
                if (activity.IsDue(start))
                {
                    activity.Running = Task.Run(() => StepAsync(activity));
                }
            }

            Thread.Sleep(Pace);
        }

        Patience.Until(
            () => _activities.All(activity => activity.Running.IsCompleted),
            () => "what was begun ends: " + string.Join(", ", _activities.Where(activity => !activity.Running.IsCompleted).Select(activity => activity.Activity.Name)));
    }

    /// <exception cref="TimeoutException">It does not end.</exception>
    private void StepAndWait(ActivityState activity)
    {
        Task step = Task.Run(() => StepAsync(activity));
        Patience.Until(() => step.IsCompleted, () => $"what was begun ends: {activity.Activity.Name}");
        step.GetAwaiter().GetResult();
    }

    private async Task StepAsync(ActivityState activity)
    {
        try
        {
            await activity.Activity.Step(activity.Random);
        }
        catch (ReplicatedCacheException exception) when (exception is MasterUnreachableException or WriteOutcomeUnknownException or NotMasterException or ReadOnlyReplicaException)
        {
            _declared.AddOrUpdate(exception.GetType().Name, 1, (_, count) => count + 1);
        }
        catch (Exception exception)
        {
            _log.Add($"{activity.Activity.Name}: {exception}");
        }

        activity.Steps++;
    }

    private void CheckMemory()
    {
        CacheStatistics statistics = _cluster.Master.Cache.GetStatistics();
        if (statistics.UsedBytes > statistics.MemoryLimit)
        {
            _log.Add($"The master uses {statistics.UsedBytes} bytes of {statistics.MemoryLimit}.");
        }
    }

    private Resource[] Resources() =>
    [
        .. ProcessResources.All(HeapPerOperation),
        new("objects let go and alive", _census.CountAlive, Slack: 0),
        new("waiting callers", () => _cluster.All.Sum(service => (long)service.Info.WaitingCallers), Slack: 0),
        new("stream held by the nodes (B)", () => _cluster.All.Sum(service => service.Info.StreamBytes), Slack: 512 << 10),
        new("data of the nodes (B)", () => _cluster.All.Sum(service => service.Info.StoreBytes), Slack: 4 << 20),
    ];

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    /// <summary>An activity and how far it is.</summary>
    private sealed class ActivityState(Activity activity, Random random)
    {
        private TimeSpan _next = activity.Interval;

        public Activity Activity => activity;

        public Random Random => random;

        public Task Running { get; set; } = Task.CompletedTask;

        public long Steps { get; set; }

        public bool IsDue(long start)
        {
            TimeSpan now = Stopwatch.GetElapsedTime(start);
            if (now < _next || !Running.IsCompleted)
            {
                return false;
            }

            _next = now + activity.Interval;
            return true;
        }
    }
}
