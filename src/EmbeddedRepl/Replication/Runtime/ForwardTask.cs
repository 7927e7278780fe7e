using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Forwarding;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// A caller's view of a <see cref="ForwardedWrite"/>. It ends under the gate, so what the caller does next must not run there: whoever awaits it goes on on
/// the pool, and whoever blocks on it is woken without needing a thread of the pool.
/// </summary>
internal sealed class ForwardTask(NodeRuntime runtime, byte[] operations, int length, ObservedWrite? observed = null) : ForwardedWrite(operations, length)
{
    private readonly TaskCompletionSource<WriteResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _cancellation;

    /// <summary>Sends the write as soon as there is room.</summary>
    /// <returns>False if this node is a replica no longer, and the caller can write here itself; the operations have been given back then.</returns>
    /// <exception cref="ReplicatedCacheException">It cannot be sent; nothing was written.</exception>
    public bool TryBegin()
    {
        bool isBegun = false;
        bool isAlone = false;
        try
        {
            lock (runtime.Gate)
            {
                if (runtime.Core.ForwardsWrites)
                {
                    runtime.Core.Forwarder.Begin(this, runtime.Now());
                    isBegun = true;
                    isAlone = runtime.Core.Forwarder.Count == 1 && Length <= ConnectionPump.MaxSentByCaller;
                }
            }
        }
        finally
        {
            if (!isBegun)
            {
                ReleaseBytes();
            }
        }

        if (isAlone)
        {
            // Nobody else is about to send, so waking a thread for it would only take time.
            runtime.Uplink?.SendHere();
        }
        else if (isBegun)
        {
            runtime.Uplink?.WakeSender();
        }

        return isBegun;
    }

    /// <summary>Waits on the calling thread. One wait for each task.</summary>
    public WriteResult Wait()
    {
        try
        {
            return _done.Task.GetAwaiter().GetResult();
        }
        finally
        {
            observed?.End(Outcome);
        }
    }

    /// <summary>Waits without a thread. One wait for each task.</summary>
    public Task<WriteResult> WaitAsync(CancellationToken cancellation) => cancellation.CanBeCanceled || observed is not null ? WaitCancellable(cancellation) : _done.Task;

    private ForwardedWriteOutcome Outcome => End switch
    {
        ForwardedWriteEnd.Done or ForwardedWriteEnd.NotHere when Status == WriteStatus.Conflict => ForwardedWriteOutcome.Conflict,
        ForwardedWriteEnd.Done => ForwardedWriteOutcome.Applied,
        ForwardedWriteEnd.NotSent or ForwardedWriteEnd.Stopped => ForwardedWriteOutcome.Unsent,
        ForwardedWriteEnd.Refused => Status == WriteStatus.NoMaster ? ForwardedWriteOutcome.Unsent : ForwardedWriteOutcome.Refused,
        ForwardedWriteEnd.Cancelled when SentBytes == 0 => ForwardedWriteOutcome.Unsent,
        _ => ForwardedWriteOutcome.Unknown,
    };

    protected override void OnEnded()
    {
        switch (End)
        {
            case ForwardedWriteEnd.Done:
            case ForwardedWriteEnd.NotHere when Status == WriteStatus.Conflict:
                // What the master found is certain, whether or not this node has come to see it: nothing was written.
                _done.SetResult(new WriteResult(Status, Id, Offset));
                break;
            case ForwardedWriteEnd.Cancelled:
                _done.SetCanceled(_cancellation);
                break;
            case ForwardedWriteEnd.Stopped:
                _done.SetException(new NodeStoppedException());
                break;
            case ForwardedWriteEnd.Unknown:
                _done.SetException(new WriteOutcomeUnknownException($"{Message} The write may have been applied or not."));
                break;
            case ForwardedWriteEnd.NotHere:
                _done.SetException(new WriteOutcomeUnknownException(Message, wasApplied: true));
                break;
            case ForwardedWriteEnd.NotSent:
                _done.SetException(new MasterUnreachableException($"{Message} Nothing was written."));
                break;
            default:
                _done.SetException(Refusal());
                break;
        }
    }

    private async Task<WriteResult> WaitCancellable(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static state =>
            {
                var task = (ForwardTask)state!;
                lock (task.Gate)
                {
                    task.Forwarder.Cancel(task);
                }
            },
            this);
        try
        {
            return await _done.Task.ConfigureAwait(false);
        }
        finally
        {
            observed?.End(Outcome);
        }
    }

    private Lock Gate => runtime.Gate;

    private WriteForwarder Forwarder => runtime.Core.Forwarder;

    private ReplicatedCacheException Refusal() => Status switch
    {
        WriteStatus.TooFewReplicas => new NotEnoughReplicasException(Message),
        WriteStatus.NoMaster => new MasterUnreachableException($"{Message} Nothing was written."),
        WriteStatus.Fenced => new ReplicatedCacheException("The write was overtaken by a newer one of this node, so the master did not apply it."),
        _ => new ReplicatedCacheException($"The master refused the write: {Message}"),
    };
}
