using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.TestKit;

public sealed class ToolsTests
{
    [Fact]
    public void FreePort_ManyCalls_DifferentPortsThatCanBeListenedOn()
    {
        int[] ports = [.. Enumerable.Range(0, 50).Select(_ => FreePort.Next())];

        Assert.Equal(50, ports.Distinct().Count());
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, ports[0]));
    }

    [Fact]
    public void TempFolder_Disposed_GoneWithItsContent()
    {
        TempFolder folder = new();
        File.WriteAllText(folder["a.txt"], "a");
        Assert.True(Directory.Exists(folder.FullName));

        folder.Dispose();

        Assert.False(Directory.Exists(folder.FullName));
    }

    [Fact]
    public void IsAvailable_MissingToolOrFailingProbe_False()
    {
        Assert.False(ToolFactAttribute.IsAvailable("no-such-tool-anywhere"));
        Assert.False(ToolFactAttribute.IsAvailable("dotnet", "no-such-command-anywhere"));
        Assert.True(ToolFactAttribute.IsAvailable("dotnet", "--version"));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("false", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void IsDemanded_ValueOfCI_OnlyTrue(string? value, bool expected) => Assert.Equal(expected, ToolFactAttribute.IsDemanded(value));
}
