using EmbeddedRepl.Protocol;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class ProtocolDocumentTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryFolder.FullName, "src", "EmbeddedRepl", "Protocol", "PROTOCOL.md"));

    [Fact]
    public void Document_OfTheProtocol_NamesEveryFrameWithItsNumber()
    {
        foreach (FrameType type in Enum.GetValues<FrameType>())
        {
            Assert.Contains($"| 0x{(byte)type:x2} | {type} |", Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Document_OfTheProtocol_StatesTheVersionAndTheLimits()
    {
        Assert.Contains($"version {ProtocolVersion.Major}.{ProtocolVersion.Minor}", Text, StringComparison.Ordinal);
        foreach (int limit in new[] { FrameLimits.BeforeAuthentication, FrameLimits.Control, FrameLimits.Data, FrameLimits.DataBytes, ProtocolLimits.Touches })
        {
            Assert.Contains($"{limit:N0}", Text, StringComparison.Ordinal);
        }
    }
}
