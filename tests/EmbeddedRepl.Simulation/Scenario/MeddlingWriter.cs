using System.Buffers;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Where a read copies to. It is asked for memory when the read has found its entry and has not copied it yet; then it lets others write.</summary>
internal sealed class MeddlingWriter(Action meddle) : IBufferWriter<byte>
{
    private byte[] _memory = [];
    private int _written;

    /// <summary>How often memory was asked for: once for each attempt of the read.</summary>
    public int Calls { get; private set; }

    /// <summary>What was written.</summary>
    public byte[] Written => _memory[.._written];

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Calls++;
        meddle();
        return _memory = new byte[sizeHint];
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
