using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>The frame reader, and the payload of every type of frame. What is accepted has the right checksum, and is understood alike when it is written and read again.</summary>
internal sealed class FrameTarget : IFuzzTarget
{
    private static readonly int[] MaxPayloads = [FrameLimits.Data, FrameLimits.Control, FrameLimits.BeforeAuthentication];

    private readonly InputBuffer _once = new();
    private readonly InputBuffer _twice = new();

    public string Name => "frames";

    public int Weight => 6_000;

    public long AllocationLimit => 1 << 20;

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        FrameKind kind = FrameKinds.All[random.Next(FrameKinds.All.Count)];
        Damage damage;
        if (random.OneIn(4_000))
        {
            kind = WriteTooLarge(input, random);
            damage = Damage.Sealed;
        }
        else
        {
            kind.Write(input, random);
            damage = FrameMutator.Mutate(input, random);
        }

        int maxPayload = random.OneIn(3) ? MaxPayloads[random.Next(MaxPayloads.Length)] : FrameLimits.Data;
        ReadOnlySequence<byte> buffer = Shapes.Draw(input.Memory, random);
        FrameType type;
        ReadOnlySequence<byte> payload;
        try
        {
            if (!FrameReader.TryRead(ref buffer, maxPayload, out type, out payload))
            {
                if (buffer.Length != input.Length)
                {
                    throw new FuzzFailedException("The buffer was moved although no frame was read.");
                }

                coverage.Count("frame " + kind.Type, "incomplete");
                return;
            }
        }
        catch (ProtocolException exception)
        {
            if (damage == Damage.None && input.Length - FrameHeader.Size <= maxPayload)
            {
                throw new FuzzFailedException($"A valid frame was refused: {exception.Message}");
            }

            coverage.Refused("frame " + kind.Type, exception.Message);
            return;
        }

        int size = FrameHeader.Size + (int)payload.Length;
        if (buffer.Length != input.Length - size)
        {
            throw new FuzzFailedException("The buffer was not moved by a frame.");
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(input.Span[FrameHeader.ChecksummedSize..]) != ReferenceChecksum.Of(input.Span[..size]))
        {
            throw new FuzzFailedException("A frame with a wrong checksum was accepted.");
        }

        Decode(FrameKinds.Of(type), payload, damage, coverage);
    }

    // Within what a frame may have, and more than such a one may.
    private static FrameKind WriteTooLarge(InputBuffer input, FuzzRandom random)
    {
        int length = FrameLimits.DataBytes + random.Next(FrameLimits.Data - FrameLimits.DataBytes + 2);
        Span<byte> frame = input.GetSpan(FrameHeader.Size + length)[..(FrameHeader.Size + length)];
        frame.Clear();
        frame[4] = (byte)(random.OneIn(2) ? FrameType.SnapshotChunk : FrameType.StreamChunk);
        input.Advance(frame.Length);
        FrameMutator.Seal(input, fixLength: true);
        return FrameKinds.Of((FrameType)frame[4]);
    }

    private void Decode(FrameKind kind, in ReadOnlySequence<byte> payload, Damage damage, Coverage coverage)
    {
        _once.Clear();
        try
        {
            kind.ReadAndWrite(payload, _once);
        }
        catch (ProtocolException exception)
        {
            if (damage == Damage.None)
            {
                throw new FuzzFailedException($"A valid {kind.Type} frame was refused: {exception.Message}");
            }

            coverage.Refused("frame " + kind.Type, exception.Message);
            return;
        }

        if (damage == Damage.None && !payload.ToArray().AsSpan().SequenceEqual(_once.Span))
        {
            throw new FuzzFailedException($"A {kind.Type} frame is not what was written.");
        }

        _twice.Clear();
        kind.ReadAndWrite(new ReadOnlySequence<byte>(_once.Memory), _twice);
        if (!_once.Span.SequenceEqual(_twice.Span))
        {
            throw new FuzzFailedException($"A {kind.Type} frame was accepted and is another one when it is written and read again.");
        }

        coverage.Count("frame " + kind.Type, "accepted");
    }
}
