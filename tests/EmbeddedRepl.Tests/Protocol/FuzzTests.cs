using System.Buffers;
using EmbeddedRepl.Protocol;
using Record = EmbeddedRepl.Protocol.Record;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>Whatever a peer sends, a reader answers with a value, with "more bytes", or with a <see cref="ProtocolException"/>.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 70_000;
    private static readonly RecordLimits Limits = new(300, 100_000);
    private static readonly byte[] Scratch = new byte[RecordEncoder.MaxPrefixSize(Limits.MaxKeySize)];

    [Fact]
    public void Frames_RandomOrMutated_AreReadOrRefused()
    {
        Fuzz(1, [.. FrameSamples.All.Select(static sample => sample.Frame)], static (bytes, random) =>
        {
            ReadOnlySequence<byte> buffer = Shape(bytes, random);
            long before = buffer.Length;
            bool read = FrameReader.TryRead(ref buffer, FrameLimits.Control, out _, out ReadOnlySequence<byte> payload);
            Assert.Equal(read ? before - payload.Length - FrameHeader.Size : before, buffer.Length);
        });
    }

    [Fact]
    public void Payloads_RandomOrMutated_AreReadOrRefusedByEveryFrame()
    {
        FrameSample[] samples = [.. FrameSamples.All];
        Fuzz(2, [.. samples.Select(static sample => sample.Payload)], (bytes, random) =>
        {
            FrameSample sample = samples[random.Next(samples.Length)];
            byte[] written = sample.ReadAndWrite(Shape(bytes, random));

            // What was understood is understood again, and is the same.
            Assert.Equal(written, sample.ReadAndWrite(new ReadOnlySequence<byte>(written)));
        });
    }

    [Fact]
    public void Records_RandomOrMutated_AreReadAlikeFromSpansAndSequencesOrRefused()
    {
        Fuzz(3, [.. RecordSamples.All.Where(static sample => sample.Bytes.Length < 1000).Select(static sample => sample.Bytes)], static (bytes, random) =>
        {
            bool complete = RecordReader.TryRead(bytes, Limits, out Record record, out int consumed);
            bool completeToo = RecordReader.TryRead(Shape(bytes, random), Scratch, Limits, out Record same, out ReadOnlySequence<byte> value, out long consumedToo);
            Assert.Equal(complete, completeToo);
            Assert.Equal(consumed, consumedToo);
            Assert.Equal(record.Size, same.Size);
            if (complete)
            {
                Assert.Equal(RecordSamples.Print(record, record.Value), RecordSamples.Print(same, value.ToArray()));
            }
            else
            {
                Assert.True(record.Size > bytes.Length);
            }

            OperationReader.TryRead(bytes, Limits, out _, out _);
        });
    }

    private static void Fuzz(int seed, byte[][] samples, Action<byte[], Random> read)
    {
        Random random = new(seed);
        int accepted = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = random.Next(4) == 0 ? Noise(random) : Mutate(samples[random.Next(samples.Length)], random);
            try
            {
                read(bytes, random);
                accepted++;
            }
            catch (ProtocolException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Round {round} of seed {seed}: {Convert.ToHexString(bytes)}", exception);
            }
        }

        Assert.InRange(accepted, 1, Rounds - 1);
    }

    private static byte[] Noise(Random random)
    {
        byte[] bytes = new byte[random.Next(64)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        List<byte> bytes = [.. sample];
        for (int i = random.Next(4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    bytes.RemoveAt(at);
                    break;
            }
        }

        return [.. bytes];
    }

    private static ReadOnlySequence<byte> Shape(byte[] bytes, Random random) => random.Next(3) switch
    {
        0 => new ReadOnlySequence<byte>(bytes),
        1 => Sequences.Cut(bytes, random.Next(bytes.Length + 1)),
        _ => Sequences.OneByteEach(bytes),
    };
}
