using System.Globalization;

namespace EmbeddedRepl.NodeProcess;

/// <summary>Reads keys in turn on threads of its own and looks at what it gets: readers must be served whatever else happens to the node.</summary>
internal sealed class BackgroundReader(IReplicatedCache cache)
{
    private long _reads;
    private long _failures;

    /// <summary>How many reads were made, and how many of them failed.</summary>
    public string Result => string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Read(ref _reads)} {Interlocked.Read(ref _failures)}");

    public void Start(string prefix, int keys) => new Thread(() => Read(prefix, keys)) { IsBackground = true, Name = "reader" }.Start();

    private void Read(string prefix, int keys)
    {
        for (int i = 0; ; i = (i + 1) % keys)
        {
            if (!TestValue.IsOf(cache.Get($"{prefix} {i}"), i, keys))
            {
                Interlocked.Increment(ref _failures);
            }

            // Counted last, so that whoever sees the count sees the failures before it.
            Interlocked.Increment(ref _reads);
            if (i % 32 == 0)
            {
                Thread.Sleep(1);
            }
        }
    }
}
