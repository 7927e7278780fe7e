using System.Buffers;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>
/// A whole session as a master once sent it, handshake with password, full sync and stream, played again to a replica that draws the same random numbers as then. One frame is damaged: until it everything
/// happens as before, and if its checksum is wrong the data stays exactly what it was after the frame before.
/// </summary>
internal sealed class RecordedSessionTarget : IFuzzTarget
{
    private const string Kind = "recorded session";

    private static readonly NodeSettings Settings = new() { AcceptedPasswords = [PasswordKey.Create("secret")], MasterPassword = PasswordKey.Create("secret") };

    private readonly List<byte[]> _frames = [];
    private readonly List<(long Offset, StoreDigest Digest)> _after = [];

    public RecordedSessionTarget() => Record();

    public string Name => "sessions";

    public int Weight => 100;

    public long AllocationLimit => SessionDriver.PresizedIndex + (64 << 20);

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        int damaged = random.Next(_frames.Count);
        var frame = new InputBuffer();
        frame.Add(_frames[damaged]);
        Damage damage = FrameMutator.Mutate(frame, random);
        bool isSame = frame.Span.SequenceEqual(_frames[damaged]);

        CoreNode replica = NewReplica();
        var peer = new ScriptedMaster(replica);
        peer.TakeBytes();
        for (int i = 0; i < damaged; i++)
        {
            Give(peer, _frames[i], input);
        }

        if (damaged > 0 && (replica.Offset, replica.Digest) != _after[damaged - 1])
        {
            throw new FuzzFailedException($"After {damaged} frames as they were the data is not what it was: {peer.Endpoint.CloseMessage}");
        }

        Give(peer, frame.Span, input);
        bool isCorrupt = damage == Damage.Anything && !isSame && !IsWhole(frame);
        if (isCorrupt && damaged > 0 && (replica.Offset, replica.Digest) != _after[damaged - 1])
        {
            throw new FuzzFailedException("A frame with a wrong checksum has changed the data.");
        }

        for (int i = damaged + 1; i < _frames.Count && !peer.Endpoint.IsClosed; i++)
        {
            Give(peer, _frames[i], input);
        }

        if (isSame && (peer.Endpoint.IsClosed || (replica.Offset, replica.Digest) != _after[^1]))
        {
            throw new FuzzFailedException($"The session as it was does not end as it did: {peer.Endpoint.CloseMessage}");
        }

        SessionDriver.CheckData(replica);
        SessionDriver.End(peer, Kind, coverage);
    }

    // Whether the bytes begin with a frame that is right, damaged or not.
    private static bool IsWhole(InputBuffer frame)
    {
        try
        {
            var buffer = new ReadOnlySequence<byte>(frame.Memory);
            return FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out _);
        }
        catch (ProtocolException)
        {
            return false;
        }
    }

    private static void Give(ScriptedMaster peer, ReadOnlySpan<byte> bytes, InputBuffer input)
    {
        input.Add(bytes);
        peer.GiveBytes(bytes);
        peer.TakeBytes();
    }

    private static CoreNode NewReplica() => CoreNode.Replica(new ManualTimeProvider(), Settings);

    private void Record()
    {
        var time = new ManualTimeProvider();
        CoreNode master = CoreNode.Master(time, Settings);
        for (int i = 0; i < 30; i++)
        {
            master.Set($"key {i}", new byte[i * 5]);
        }

        CoreNode replica = NewReplica();
        var toReplica = new ScriptedReplica(master);
        var toMaster = new ScriptedMaster(replica);
        int writes = 0;
        for (int round = 0; round < 60; round++)
        {
            toReplica.GiveBytes(toMaster.TakeBytes());
            foreach (byte[] frame in Split(toReplica.TakeBytes()))
            {
                toMaster.GiveBytes(frame);
                toReplica.GiveBytes(toMaster.TakeBytes());
                _frames.Add(frame);
                _after.Add((replica.Offset, replica.Digest));
            }

            if (round is > 10 and < 55)
            {
                master.Set($"key {writes % 7}", new byte[writes++]);
                master.Remove($"key {20 + (writes % 5)}");
            }

            if (round is 19 or 39)
            {
                master.Advance(11_000);
            }
        }

        if (toMaster.Link.State != ReplicationLinkState.Streaming || replica.Digest != master.Digest)
        {
            throw new InvalidOperationException($"The recording went wrong: {toMaster.Link.CloseMessage} {toReplica.Session.CloseMessage}");
        }
    }

    /// <summary>Cuts what was sent into frames.</summary>
    public static List<byte[]> Split(byte[] bytes)
    {
        List<byte[]> frames = [];
        var buffer = new ReadOnlySequence<byte>(bytes);
        long before = buffer.Length;
        while (FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out _))
        {
            frames.Add(bytes[(int)(bytes.Length - before)..(int)(bytes.Length - buffer.Length)]);
            before = buffer.Length;
        }

        return frames;
    }
}
