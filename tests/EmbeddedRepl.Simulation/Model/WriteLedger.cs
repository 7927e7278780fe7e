using System.Buffers.Binary;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// P3, read-your-writes. Every forwarded write of a run: what its caller was told, and where a master applied it. Compares the two whenever either becomes known. Each
/// operation sets a value that begins with its number, by which it is found in the stream of a master.
/// </summary>
internal sealed class WriteLedger(ReferenceModel model)
{
    private const int NumberSize = 12;

    private readonly List<ForwardedCall> _callOf = [];
    private readonly List<(HistoryModel History, long Offset)?> _placeOf = [];
    private readonly Dictionary<(HistoryModel, SimulatedProcess), List<(long Offset, int Operation)>> _applied = [];
    private readonly List<ForwardedCall> _done = [];
    private readonly Stack<ForwardedCall> _open = [];

    private static ReadOnlySpan<byte> Mark => "forwards"u8;

    /// <summary>The number of the next operation.</summary>
    public int Next => _callOf.Count;

    public Dictionary<ForwardedWriteEnd, int> Ends { get; } = [];

    /// <summary>Whether nobody waits any more.</summary>
    public bool IsSettled
    {
        get
        {
            while (_open.TryPeek(out ForwardedCall? call) && call.IsOver)
            {
                _open.Pop();
            }

            return _open.Count == 0;
        }
    }

    /// <summary>A value that names an operation.</summary>
    public static byte[] Value(int operation, int size)
    {
        byte[] value = new byte[Math.Max(size, NumberSize)];
        Mark.CopyTo(value);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(Mark.Length), operation);
        return value;
    }

    /// <summary>A caller calls.</summary>
    public void Add(ForwardedCall call)
    {
        _open.Push(call);
        foreach (string _ in call.Keys)
        {
            _callOf.Add(call);
            _placeOf.Add(null);
        }
    }

    /// <summary>A caller was told how its write ended.</summary>
    public void Ended(ForwardedCall call)
    {
        Ends[call.End] = Ends.GetValueOrDefault(call.End) + 1;
        CountEnd(call);
        int applied = _placeOf.Skip(call.First).Take(call.Keys.Length).Count(place => place is not null);
        if (call.SaysNotWritten && applied > 0)
        {
            throw new SimulationFailedException($"{call}: it was said that nothing was written, and {applied} operations are applied.");
        }

        if (call.End is ForwardedWriteEnd.Done or ForwardedWriteEnd.NotHere && applied < call.Keys.Length)
        {
            throw new SimulationFailedException($"{call}: it was said to be applied, and {call.Keys.Length - applied} operations are not.");
        }

        if (call.End == ForwardedWriteEnd.Done)
        {
            var data = call.Process.Core.Data;
            if (!data.History.Contains(call.Id, call.Offset) || data.Offset < call.Offset)
            {
                throw new SimulationFailedException($"{call}: it was said to be here, and this node is at {data.History.Id}:{data.Offset}.");
            }

            _done.Add(call);
        }
    }

    /// <summary>A node has made a step: what was said to be done in it is on its line, and is read there.</summary>
    public void CheckDone(SimulatedProcess process, NodeChecker checker)
    {
        if (_done.Count == 0)
        {
            return;
        }

        foreach (ForwardedCall call in _done.Where(call => call.Process == process).ToArray())
        {
            _done.Remove(call);
            var data = process.Core.Data;
            for (int i = 0; i < call.Keys.Length; i++)
            {
                (HistoryModel history, long offset) = _placeOf[call.First + i]!.Value;
                if (offset > data.Offset || !model[data.History.Id].Contains(history, offset))
                {
                    throw new SimulationFailedException($"{call}: it was applied at {history.Id}:{offset}, and its caller's node is at {data.History.Id}:{data.Offset}.");
                }

                checker.CheckKey(call.Keys[i]);
            }
        }
    }

    /// <summary>A master has applied something.</summary>
    public void Applied(HistoryModel history, byte[] value)
    {
        // P3: a caller's writes are applied once, in the order of its calls, and what it was told of them is true.
        if (value.Length < NumberSize || !value.AsSpan().StartsWith(Mark))
        {
            return;
        }

        int operation = BinaryPrimitives.ReadInt32LittleEndian(value.AsSpan(Mark.Length));
        ForwardedCall call = _callOf[operation];
        if (_placeOf[operation] is { } first)
        {
            throw new SimulationFailedException($"{call}: operation {operation} is applied at {history.Id}:{history.End}, and was at {first.History.Id}:{first.Offset}.");
        }

        if (call.SaysNotWritten)
        {
            throw new SimulationFailedException($"{call}: it was said that nothing was written, and operation {operation} is applied later.");
        }

        if (LastOf(history, call.Process) is { } last && last > operation)
        {
            throw new SimulationFailedException($"{call}: operation {operation} is applied after operation {last}, which was called later.");
        }

        _placeOf[operation] = (history, history.End);
        if (!_applied.TryGetValue((history, call.Process), out List<(long Offset, int Operation)>? operations))
        {
            _applied[(history, call.Process)] = operations = [];
        }

        operations.Add((history.End, operation));
    }

    private static void CountEnd(ForwardedCall call)
    {
        SimulatedProcess process = call.Process;
        switch (call.End)
        {
            case ForwardedWriteEnd.Unknown:
                process.Situations.Count(SituationCatalogue.ForwardUnknown);
                break;
            case ForwardedWriteEnd.NotHere:
                process.Situations.Count(SituationCatalogue.ForwardNotHere);
                break;
            case ForwardedWriteEnd.Done when process.Core.Upstream is { } upstream && process.Peer(upstream.Target)?.Core.Role == ReplicationRole.Replica:
                process.Situations.Count(SituationCatalogue.ForwardedThroughChain);
                break;
        }
    }

    private int? LastOf(HistoryModel history, SimulatedProcess process)
    {
        long end = long.MaxValue;
        for (HistoryModel? line = history; line is not null; end = Math.Min(end, line.Start), line = line.Parent)
        {
            if (_applied.TryGetValue((line, process), out List<(long Offset, int Operation)>? operations)
                && operations.FindLastIndex(applied => applied.Offset <= end) is >= 0 and int index)
            {
                return operations[index].Operation;
            }
        }

        return null;
    }
}
