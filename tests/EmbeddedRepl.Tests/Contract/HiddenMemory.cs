using System.Buffers;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>Memory that does not let itself be taken for an array, as a caller's own pool may hand out.</summary>
internal sealed class HiddenMemory : MemoryManager<byte>
{
    private readonly byte[] _content;

    public HiddenMemory(byte[] content)
    {
        _content = content;
    }

    public override Span<byte> GetSpan() => _content;

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
    }
}
