using EmbeddedRepl.Replication;
using EmbeddedRepl.Tests.Hosting;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Tests.Replication;

public sealed class NodeLogTests : IDisposable
{
    private readonly CapturedLog _captured = new();

    [Fact]
    public void LinkDown_SameReasonAgain_IsSaidOnceUntilTheLinkWasUp()
    {
        var log = new NodeLog(_captured.CreateLogger("cache"), TimeProvider.System);
        log.LinkDown("master:1", CloseReason.ConnectionLost, "refused", 0);
        log.LinkDown("master:1", CloseReason.ConnectionLost, "refused", 25);
        int afterTwo = Count("refused");
        log.LinkUp("master:1", Histories.Id(1), 5);
        log.LinkDown("master:1", CloseReason.ConnectionLost, "refused", 0);

        Assert.Equal(1, afterTwo);
        Assert.Equal(2, Count("refused"));
    }

    [Fact]
    public void SyncDecided_FullSync_SaysWhyAndForWhom()
    {
        new NodeLog(_captured.CreateLogger("cache"), TimeProvider.System).SyncDecided(
            "replica:7", new SyncVerdict(SyncAnswer.Full, SyncReason.OlderThanBacklog), Histories.Id(3), 17);

        string line = Assert.Single(_captured.Lines);
        Assert.Contains("OlderThanBacklog", line, StringComparison.Ordinal);
        Assert.Contains("replica:7", line, StringComparison.Ordinal);
        Assert.Contains("17", line, StringComparison.Ordinal);
    }

    public void Dispose() => _captured.Dispose();

    private int Count(string text) => _captured.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
