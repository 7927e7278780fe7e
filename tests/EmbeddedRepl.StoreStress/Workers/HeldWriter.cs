using System.Buffers;
using System.Diagnostics;

namespace EmbeddedRepl.StoreStress.Workers;

/// <summary>
/// Where a read copies to. It is asked for memory when the read has found its entry and has not copied it yet; while entries are moved (<see cref="StressRound.WatchedKeys"/>) it keeps the read
/// waiting there, as the system does when it takes the processor away from a thread.
/// </summary>
internal sealed class HeldWriter(StressRound round) : IBufferWriter<byte>
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>What was written since <see cref="Reset"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Reset() => _buffer.ResetWrittenCount();

    public void Advance(int count) => _buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Hold();
        return _buffer.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Hold();
        return _buffer.GetSpan(sizeHint);
    }

    private void Hold()
    {
        if (round.WatchedKeys is null)
        {
            return;
        }

        long start = Stopwatch.GetTimestamp();
        round.ReadHeld(true);
        while (round.WatchedKeys is not null && Stopwatch.GetElapsedTime(start) < Longest)
        {
            // So short a sleep leaves the processor to those who write.
            Thread.Sleep(1);
        }

        round.ReadHeld(false);
        round.Counts.Add("reads that were held up");
    }
}
