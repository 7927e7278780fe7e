using System.Buffers;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>The MessagePack reader by itself: any bytes are passed over value by value, and each method of it meets any value.</summary>
internal sealed class MessagePackTarget : IFuzzTarget
{
    public string Name => "messagepack";

    public int Weight => 3_000;

    public long AllocationLimit => 64 << 10;

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        if (random.OneIn(3))
        {
            int length = random.Next(40);
            random.Fill(input.GetSpan(length)[..length]);
            input.Advance(length);
        }
        else
        {
            FrameKinds.All[random.Next(FrameKinds.All.Count)].Write(input, random);
            input.Remove(0, FrameHeader.Size);
        }

        Mutator.Mutate(input, 0, random);
        ReadOnlySequence<byte> bytes = Shapes.Draw(input.Memory, random);
        int method = random.Next(12);
        try
        {
            Read(bytes, method, random.Next(8));
            coverage.Count("messagepack", "accepted");
        }
        catch (ProtocolException exception)
        {
            coverage.Refused("messagepack", exception.Message);
        }
    }

    private static void Read(in ReadOnlySequence<byte> bytes, int method, int skipped)
    {
        MessagePackReader reader = new(bytes);
        for (int i = 0; i < skipped && !reader.End; i++)
        {
            long before = reader.Consumed;
            reader.Skip();
            if (reader.Consumed <= before || reader.Consumed > bytes.Length)
            {
                throw new FuzzFailedException("A value was passed over without moving.");
            }
        }

        switch (method)
        {
            case 0:
                reader.ReadArrayHeader();
                break;
            case 1:
                reader.ReadMapHeader();
                break;
            case 2:
                reader.ReadBoolean();
                break;
            case 3:
                reader.ReadByte();
                break;
            case 4:
                reader.ReadInt32();
                break;
            case 5:
                reader.ReadInt64();
                break;
            case 6:
                reader.ReadUInt64();
                break;
            case 7:
                reader.ReadBytes();
                break;
            case 8:
                reader.ReadString();
                break;
            case 9:
                reader.TryReadNil();
                break;
            case 10:
                _ = reader.NextMessagePackType;
                break;
            default:
                while (!reader.End)
                {
                    reader.Skip();
                }

                break;
        }
    }
}
