using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>A sender that is named and never asked: the core does no I/O.</summary>
internal sealed class StubSender(bool isQuiet) : ICallersSender
{
    public bool IsQuiet => isQuiet;

    public void SendHere() => Assert.Fail("Nobody sends under the gate.");
}
