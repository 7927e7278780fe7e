using System.Text;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

public sealed class KeyBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(85)]
    [InlineData(86)]
    [InlineData(65_000)]
    public void Bytes_OfAnyLength_AreTheKeysBytes(int length)
    {
        string key = new('ö', length);
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);

        Assert.Equal(Encoding.UTF8.GetBytes(key), buffer.Bytes.ToArray());
    }

    [Fact]
    public void Dispose_Twice_ReturnsTheBufferOnce()
    {
        var buffer = new KeyBuffer(new string('k', 1_000), []);
        buffer.Dispose();
        buffer.Dispose();
    }
}
