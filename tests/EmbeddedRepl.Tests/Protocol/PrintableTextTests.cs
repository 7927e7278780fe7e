using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Handshake;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class PrintableTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Größe 7 — ok 🙂", "Größe 7 — ok 🙂")]
    [InlineData("a\r\nb\tc\0d\u001b[31m", "a??b?c?d?[31m")]
    [InlineData("a\u2028b\u2029c\u202ed\u0085e", "a?b?c?d?e")]
    public void Of_Text_HasNothingThatLeavesItsLine(string text, string expected) => Assert.Equal(expected, PrintableText.Of(text));

    [Fact]
    [Trait("Behaviour", "F1")]
    public void CheckCacheName_OfAPeerWithLineEnds_ReportsItOnOneLine()
    {
        ProtocolException refused = Assert.Throws<ProtocolException>(() => HandshakeRules.CheckCacheName("default", "x\r\nforged"));

        Assert.Contains("'x??forged'", refused.Message, StringComparison.Ordinal);
    }
}
