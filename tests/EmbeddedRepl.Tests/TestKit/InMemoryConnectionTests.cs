using EmbeddedRepl.TestKit;
using EmbeddedRepl.Tests.Transport;

namespace EmbeddedRepl.Tests.TestKit;

public sealed class InMemoryConnectionTests
{
    private readonly InMemoryConnection _near;
    private readonly InMemoryConnection _far;

    public InMemoryConnectionTests()
    {
        (_near, _far) = InMemoryConnection.CreatePair(capacity: 10);
    }

    [Fact]
    public void Write_MoreThanFits_WaitsForTheReaderAndKeepsOrder()
    {
        byte[] sent = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        BackgroundCall writer = new(() => _near.Write(sent));
        List<byte> received = [];
        byte[] piece = new byte[7];
        while (received.Count < sent.Length)
        {
            Assert.InRange(_far.Available, 0, 10);
            received.AddRange(piece[.._far.Read(piece)]);
        }

        Assert.Null(writer.Join());
        Assert.Equal(sent, received);
    }

    [Fact]
    public void FinishWriting_BytesUnderWay_RestThenZeroAndTheOtherDirectionWorks()
    {
        byte[] buffer = new byte[10];
        _near.Write("ab"u8);
        _near.FinishWriting();

        Assert.Equal(2, _far.Read(buffer));
        Assert.Equal(0, _far.Read(buffer));
        _far.Write("c"u8);
        Assert.Equal(1, _near.Read(buffer));
        Assert.Throws<IOException>(() => _near.Write("d"u8));
    }

    [Fact]
    public void Abort_ReadWaits_BothEndsFail()
    {
        BackgroundCall reader = new(() => _near.Read(new byte[1]));

        _near.Abort();

        Assert.IsType<IOException>(reader.Join());
        Assert.Throws<IOException>(() => _far.Read(new byte[1]));
    }

    [Fact]
    public void Abort_WriteWaits_WriteFails()
    {
        BackgroundCall writer = new(() => _near.Write(new byte[11]));

        _far.Abort();

        Assert.IsType<IOException>(writer.Join());
    }

    [Fact]
    public void Dispose_OwnReadWaits_ItFailsAndTheOtherEndReadsTheRest()
    {
        _near.Write("ab"u8);
        BackgroundCall reader = new(() => _near.Read(new byte[1]));

        _near.Dispose();

        Assert.IsType<IOException>(reader.Join());
        Assert.Equal(2, _far.Read(new byte[10]));
        Assert.Equal(0, _far.Read(new byte[10]));
        Assert.Throws<IOException>(() => _far.Write("x"u8));
    }
}
