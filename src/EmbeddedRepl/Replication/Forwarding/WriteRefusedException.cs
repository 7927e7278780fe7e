using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>A forwarded operation is not applied; carries the answer to where it is sent. Never leaves this folder.</summary>
internal sealed class WriteRefusedException(WriteStatus status, string message) : Exception(message)
{
    public WriteStatus Status { get; } = status;
}
