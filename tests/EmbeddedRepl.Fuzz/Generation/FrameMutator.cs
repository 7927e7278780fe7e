using System.Buffers.Binary;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>Damages one frame: only its payload, with length and checksum made right again, so that what lies behind the checksum is reached; or anything, with the checksum left as it was.</summary>
internal static class FrameMutator
{
    /// <param name="input">A whole frame, from its header on.</param>
    /// <param name="random">What is drawn from.</param>
    /// <returns>What was done.</returns>
    public static Damage Mutate(InputBuffer input, FuzzRandom random)
    {
        switch (random.Next(10))
        {
            case 0:
                return Damage.None;
            case 1:
                Mutator.Mutate(input, 0, random);
                return Damage.Anything;
            case 2:
                Mutator.Mutate(input, FrameHeader.Size, random);
                return Damage.Anything;
            case 3:
                // The header alone, with a checksum that is right for it.
                input.Span[random.Next(FrameHeader.ChecksummedSize)] = (byte)random.Next(256);
                Seal(input, fixLength: false);
                return Damage.Sealed;
            case 4 when input.Length > FrameHeader.Size:
                return AddField(input, random);
            default:
                Mutator.Mutate(input, FrameHeader.Size, random);
                Seal(input, fixLength: true);
                return Damage.Sealed;
        }
    }

    /// <summary>Makes the length, if that is wanted, and the checksum right.</summary>
    public static void Seal(InputBuffer input, bool fixLength)
    {
        Span<byte> frame = input.Span;
        if (frame.Length < FrameHeader.Size)
        {
            return;
        }

        if (fixLength)
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)(frame.Length - FrameHeader.Size));
        }

        BinaryPrimitives.WriteUInt32BigEndian(frame[FrameHeader.ChecksummedSize..], ReferenceChecksum.Of(frame));
    }

    // As a later minor version does it: a field more at the end, which is to be passed over.
    private static Damage AddField(InputBuffer input, FuzzRandom random)
    {
        ref byte header = ref input.Span[FrameHeader.Size];
        if (header is >= 0x90 and < 0x9f)
        {
            header++;
            int depth = random.Next(20);
            for (int i = 0; i < depth; i++)
            {
                input.Add(0x91);
            }

            input.Add(random.Next(4) switch { 0 => [0xc0], 1 => [0xcb, 0, 0, 0, 0, 0, 0, 0, 0], 2 => [0xd4, 1, 2], _ => [0xc4, 2, 8, 9] });
        }

        Seal(input, fixLength: true);
        return Damage.Sealed;
    }
}
