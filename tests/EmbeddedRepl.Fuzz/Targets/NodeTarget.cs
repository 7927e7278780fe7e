using System.Diagnostics;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>
/// A whole node as an application has it, with its listener, threads and timers, to which strangers come over TCP. Each plays a session as a replica once sent it, handshake, full sync, writes,
/// touches and acknowledgements, with one frame damaged, and leaves politely, with a reset, or not at all. The node closes each connection in bounded time, allocates no more than a bounded amount for
/// it, and goes on to serve a replica that behaves, without an error.
/// </summary>
internal sealed class NodeTarget : IFuzzTarget, IDisposable
{
    private const string Kind = "node";

    /// <summary>After so many strangers the node is looked at; measuring its memory takes longer and is done less often.</summary>
    private const int InputsPerCheck = 32;

    private const int ChecksPerCollection = 16;

    /// <summary>How many strangers may be silent at a time; fewer than the node has places for replicas.</summary>
    private const int MaxSilent = 48;

    /// <summary>One stranger in so many stays, and says nothing more.</summary>
    private const int SilentOneIn = 16;

    /// <summary>What the process may allocate while it deals with one stranger: mostly the pieces of a snapshot, and what is under way to those who are silent.</summary>
    private const long AllocationPerStranger = 64 << 20;

    /// <summary>
    /// What the process may hold more than after the first strangers: two nodes full of data, what they pool, and what the other targets have at that moment, such as a replica's index for as many
    /// entries as its master announces (136 MB at most) on each thread.
    /// </summary>
    private const long HeapLimit = 512 << 20;

    private readonly Queue<Stranger> _silent = [];
    private readonly List<byte[]> _frames = Record();
    private LiveNodes? _nodes;
    private long _heapAtFirst = -1;
    private int _inputs;
    private int _checks;

    public string Name => "node";

    public int Weight => 20;

    public long AllocationLimit => 64 << 20;

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        _nodes ??= new LiveNodes();
        long before = GC.GetTotalAllocatedBytes();
        var stranger = new Stranger(_nodes.Address);
        bool isSilent = random.OneIn(SilentOneIn);
        try
        {
            // Of the silent ones half say nothing wrong before, so that it is their silence alone for which they have to be closed.
            Play(stranger, random, input, isSilent, isDamaged: !isSilent || random.OneIn(2));
            Leave(stranger, random, isSilent, coverage);
        }
        catch
        {
            stranger.Dispose();
            throw;
        }

        long allocated = GC.GetTotalAllocatedBytes() - before;
        if (allocated > AllocationPerStranger)
        {
            throw new FuzzFailedException($"{allocated} bytes were allocated for one stranger.");
        }

        DismissSilent();
        if (++_inputs % InputsPerCheck == 0)
        {
            Check();
        }
    }

    public void Finish()
    {
        if (_nodes is null)
        {
            return;
        }

        while (_silent.TryDequeue(out Stranger? stranger))
        {
            WaitUntilClosed(stranger);
        }

        _nodes.Check();
    }

    public void Dispose()
    {
        while (_silent.TryDequeue(out Stranger? stranger))
        {
            stranger.Dispose();
        }

        _nodes?.Dispose();
    }

    private void Play(Stranger stranger, FuzzRandom random, InputBuffer input, bool isSilent, bool isDamaged)
    {
        var frame = new InputBuffer();
        int damaged = isDamaged ? random.Next(_frames.Count) : -1;
        bool isStreaming = false;
        for (int i = 0; i < _frames.Count && !stranger.IsClosed; i++)
        {
            frame.Clear();
            frame.Add(_frames[i]);
            FrameType type = TypeOf(_frames[i]);
            if (type == FrameType.Ack && random.OneIn(2))
            {
                // As it is here and not where the session was recorded.
                frame.Clear();
                SessionDriver.Write(frame, new AckFrame(random.OneIn(2) ? 0 : _nodes!.Offset, 0, 0, 0));
            }

            if (type == FrameType.Identify && isSilent)
            {
                // Whoever comes under the same name would end its session, before it has been silent for long.
                frame.Clear();
                SessionDriver.Write(frame, Identify(_frames[i]) with { RunId = CoreNode.RunIdOf(random.Next(int.MaxValue)) });
            }

            if (i == damaged)
            {
                FrameMutator.Mutate(frame, random);
            }

            if (!isStreaming && type is FrameType.WriteRequest or FrameType.TouchRequest && !random.OneIn(8))
            {
                // What comes too early is refused, and nothing behind it would be reached.
                isStreaming = true;
                stranger.WaitFor(FrameType.SnapshotEnd);
            }

            input.Add(frame.Span);
            int first = random.OneIn(4) ? random.Next(frame.Length + 1) : frame.Length;
            stranger.Send(frame.Span[..first]);
            stranger.Send(frame.Span[first..]);
        }
    }

    private void Leave(Stranger stranger, FuzzRandom random, bool isSilent, Coverage coverage)
    {
        coverage.Count(Kind, stranger.HasBeenClosed() ? "refused" : "accepted");
        if (isSilent)
        {
            _silent.Enqueue(stranger);
            coverage.Count(Kind, "silent");
            return;
        }

        if (random.OneIn(5))
        {
            stranger.Reset();
            coverage.Count(Kind, "reset");
        }
        else
        {
            stranger.SayGoodbye();
        }

        stranger.Dispose();
    }

    /// <summary>Those who said nothing for long enough have been closed.</summary>
    private void DismissSilent()
    {
        while (_silent.TryPeek(out Stranger? oldest) && (_silent.Count > MaxSilent || Stopwatch.GetElapsedTime(oldest.LastSentAt) > LiveNodes.LinkTimeout))
        {
            WaitUntilClosed(_silent.Dequeue());
        }
    }

    private static void WaitUntilClosed(Stranger stranger)
    {
        using (stranger)
        {
            stranger.WaitUntilClosed(LiveNodes.LinkTimeout * 4);
        }
    }

    private void Check()
    {
        _nodes!.Check();
        if (_checks++ % ChecksPerCollection != 0)
        {
            return;
        }

        long heap = GC.GetTotalMemory(forceFullCollection: true);
        _heapAtFirst = _heapAtFirst < 0 ? heap : _heapAtFirst;
        if (heap - _heapAtFirst > HeapLimit)
        {
            throw new FuzzFailedException($"The heap has grown from {_heapAtFirst} to {heap} bytes.");
        }
    }

    private static IdentifyFrame Identify(byte[] frame)
    {
        Open(frame, out System.Buffers.ReadOnlySequence<byte> payload);
        return FramePayload.Read<IdentifyFrame>(payload);
    }

    private static FrameType TypeOf(byte[] frame) => Open(frame, out _);

    private static FrameType Open(byte[] frame, out System.Buffers.ReadOnlySequence<byte> payload)
    {
        var buffer = new System.Buffers.ReadOnlySequence<byte>(frame);
        FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out payload);
        return type;
    }

    /// <summary>What a replica sends to its master: a full sync and some acknowledgements as a real one sent them, then writes and touches.</summary>
    private static List<byte[]> Record()
    {
        var time = new ManualTimeProvider();
        CoreNode master = CoreNode.Master(time);
        master.Set("key 1", "value");
        CoreNode replica = CoreNode.Replica(time);
        List<byte[]> frames = [];
        var pair = new CorePair(master, replica)
        {
            RewriteToMaster = bytes =>
            {
                frames.AddRange(RecordedSessionTarget.Split(bytes));
                return bytes;
            },
        };
        pair.Pump();
        for (int i = 0; i < 3; i++)
        {
            master.Advance(1_000);
            replica.Core.Tick(replica.Now);
            pair.Pump();
        }

        if (!replica.Core.IsLinkUp)
        {
            throw new InvalidOperationException($"The recording went wrong: {pair.Link.CloseMessage} {pair.Session.CloseMessage}");
        }

        AddRequests(frames, replica.Core.RunId);
        return frames;
    }

    private static void AddRequests(List<byte[]> frames, RunId originator)
    {
        var random = new FuzzRandom();
        random.Reset(1, 1);
        var frame = new InputBuffer();
        for (int number = 1; number <= RecordGenerator.OperationKinds.Count; number++)
        {
            var operation = new InputBuffer();
            RecordGenerator.WriteOperation(operation, RecordGenerator.OperationKinds[number - 1], random);
            frame.Clear();
            SessionDriver.Write(frame, new WriteRequestFrame(originator, 1, number, IsLast: true, new System.Buffers.ReadOnlySequence<byte>(operation.Memory)));
            frames.Add(frame.Span.ToArray());
        }

        frame.Clear();
        SessionDriver.Write(frame, new TouchRequestFrame(originator, 1, [new KeyTouch("key 1"u8.ToArray(), 1, 1)]));
        frames.Add(frame.Span.ToArray());
    }
}
