using System.Globalization;

namespace EmbeddedRepl.Simulation.Engine;

/// <summary>
/// What happened, line by line: printed if asked for, and always hashed, so that two runs of one seed can be compared without
/// keeping either.
/// </summary>
internal sealed class Trace(VirtualTime time, TextWriter? output)
{
    public ulong Hash { get; private set; } = 14695981039346656037;

    public void Add(string line)
    {
        AddToHash((ulong)time.Now);
        foreach (char c in line)
        {
            AddToHash(c);
        }

        output?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.Now / 1000.0,12:F3} {line}"));
    }

    private void AddToHash(ulong value) => Hash = (Hash ^ value) * 1099511628211;
}
