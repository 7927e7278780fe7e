using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.NodeProcess;

/// <summary>
/// Stands between a core and whoever it tells what happens, and notes each step of each sync. The log would not do: it leaves out what repeats, and does not
/// say where the node itself was. The core tells under its gate, so a note is exact.
/// </summary>
[SuppressMessage("Performance", "CA1852", Justification = "The proxy is made by deriving from it.")]
internal class SyncRecorder : DispatchProxy
{
    private readonly List<SyncNote> _notes = [];
    private NodeCore _core = null!;
    private INodeEvents _listener = null!;

    public IReadOnlyList<SyncNote> Notes
    {
        get
        {
            lock (_core.Gate)
            {
                return [.. _notes];
            }
        }
    }

    public static SyncRecorder Attach(NodeCore core)
    {
        INodeEvents events = Create<INodeEvents, SyncRecorder>();
        var recorder = (SyncRecorder)(object)events;
        lock (core.Gate)
        {
            recorder._core = core;
            recorder._listener = core.Events;
            core.Events = events;
        }

        return recorder;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(INodeEvents.SyncDecided):
                var verdict = (SyncVerdict)args![1]!;
                _notes.Add(Note(SyncStep.Decided, args[0]) with
                {
                    Answer = verdict.Answer,
                    Reason = verdict.Reason,
                    AskedId = Name((ReplicationId)args[2]!),
                    AskedOffset = (long)args[3]!,
                });
                break;
            case nameof(INodeEvents.RoleChanged) when (ReplicationRole)args![0]! == ReplicationRole.Replica:
                _notes.Add(Note(SyncStep.Followed, ""));
                break;
            case nameof(INodeEvents.LinkUp):
                _notes.Add(Note(SyncStep.Linked, args![0]));
                break;
            case nameof(INodeEvents.FullSyncConfirmed):
                _notes.Add(Note(SyncStep.Confirmed, args![0]) with { Confirmation = (ConfirmationReason)args[1]! });
                break;
            case nameof(INodeEvents.FullSyncStarted):
                _notes.Add(Note(SyncStep.Sending, args![0]) with { StartOffset = (long)args[1]! });
                break;
            case nameof(INodeEvents.FullSyncReceiving):
                _notes.Add(Note(SyncStep.Receiving, args![0]) with { OfferedId = Name((ReplicationId)args[1]!), StartOffset = (long)args[2]! });
                break;
            case nameof(INodeEvents.FullSyncReceived):
                _notes.Add(Note(SyncStep.Received, args![0]));
                break;
        }

        return targetMethod.Invoke(_listener, args);
    }

    private static string Name(ReplicationId id) => id.IsNone ? "" : id.ToString();

    private SyncNote Note(SyncStep step, object? peer) => new()
    {
        Step = step,
        Peer = (string)peer!,
        Id = Name(_core.Data.History.Id),
        Offset = _core.Data.Offset,
        IsReplica = _core.Role == ReplicationRole.Replica,
    };
}
