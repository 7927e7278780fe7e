using System.Buffers;
using System.Text;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>Our MessagePack against Python's, in both directions.</summary>
public sealed class IndependentMessagePackTests
{
    // Prints a value as the samples print it, with text as its UTF-8 in hexadecimal digits, so that nothing has to be escaped.
    private const string Print = """
        import msgpack, random, sys
        def show(v):
            if isinstance(v, bytes): return "b'" + v.hex() + "'"
            if isinstance(v, str): return "s'" + v.encode().hex() + "'"
            if isinstance(v, list): return "[" + ", ".join(show(x) for x in v) + "]"
            if isinstance(v, dict): return "{" + ", ".join(show(k) + ": " + show(x) for k, x in v.items()) + "}"
            return repr(v)

        """;

    private const string Decode = Print + """
        for line in sys.stdin:
            data = bytes.fromhex(line)
            value = msgpack.unpackb(data, raw=False)
            again = msgpack.packb(value, use_bin_type=True)
            print(show(value), "smallest" if again == data else "longer than " + again.hex())
        """;

    private const string Encode = Print + """
        r = random.Random(7)
        def number():
            return r.choice([0, 1, -1, 31, 32, -32, -33, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536,
                2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**32 - 1, 2**32, 2**63 - 1, -2**63, r.getrandbits(r.randint(1, 63))])
        def value(depth):
            kind = r.randint(0, 7 if depth else 5)
            if kind == 0: return number()
            if kind == 1: return r.choice([True, False, None])
            if kind in (2, 3): return bytes(r.getrandbits(8) for _ in range(r.choice([0, 1, 31, 32, 255, 256, 1000])))
            if kind in (4, 5): return "".join(r.choice("aé€😀") for _ in range(r.choice([0, 1, 15, 31, 32, 80, 300])))
            if kind == 6: return [value(depth - 1) for _ in range(r.choice([0, 1, 3, 15, 16, 20]))]
            return {i * 40: value(depth - 1) for i in range(r.choice([0, 1, 3, 15, 16]))}
        for _ in range(400):
            v = value(3)
            print(msgpack.packb(v, use_bin_type=True).hex(), show(v))
        for v in [1.5, msgpack.ExtType(5, b"x"), msgpack.ExtType(6, b"abc"), msgpack.ExtType(7, bytes(300)), msgpack.Timestamp(1, 2)]:
            print(msgpack.packb(v).hex(), "skip")
        print(msgpack.packb([2.5, 3], use_single_float=True).hex(), "skip")
        """;

    [PythonMsgpackFact]
    public void OurPayloadsRecordsAndOperations_DecodedByPython_HaveTheExpectedFieldsInTheSmallestEncoding()
    {
        (string Name, byte[] Bytes, string Fields)[] samples =
        [
            .. FrameSamples.All.Where(static sample => sample.Fields is not null).Select(static sample => (sample.Name, sample.Payload, sample.Fields!)),
            .. RecordSamples.All.Select(static sample => (sample.Name, sample.Bytes, sample.Fields)),
            .. OperationSamples.All.Select(static sample => (sample.Name, sample.Bytes, sample.Fields)),
        ];

        string output = PythonMsgpackFactAttribute.Run(Decode, string.Concat(samples.Select(static sample => Convert.ToHexString(sample.Bytes) + "\n")));

        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(samples.Length, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.Equal($"{samples[i].Name} {TextInHex(samples[i].Fields)} smallest", $"{samples[i].Name} {lines[i]}");
        }
    }

    [PythonMsgpackFact]
    public void PythonsEncodingsOfRandomValues_ReadByUs_AreThoseValues()
    {
        string output = PythonMsgpackFactAttribute.Run(Encode, string.Empty);

        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(406, lines.Length);
        foreach (string line in lines)
        {
            string[] parts = line.Split(' ', 2);
            byte[] bytes = Convert.FromHexString(parts[0]);
            foreach (ReadOnlySequence<byte> shape in new[] { new ReadOnlySequence<byte>(bytes), Sequences.Cut(bytes, bytes.Length / 2), Sequences.OneByteEach(bytes) })
            {
                MessagePackReader skipper = new(shape);
                skipper.Skip();
                Assert.True(skipper.End);
                if (parts[1] != "skip")
                {
                    MessagePackReader reader = new(shape);
                    Assert.Equal(parts[1], Show(ref reader));
                    Assert.True(reader.End);
                }
            }
        }
    }

    private static string Show(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Integer:
                return $"{reader.ReadInt64()}";
            case MessagePackType.Nil:
                Assert.True(reader.TryReadNil());
                return "None";
            case MessagePackType.Boolean:
                return reader.ReadBoolean() ? "True" : "False";
            case MessagePackType.Binary:
                return $"b'{Convert.ToHexStringLower(reader.ReadBytes()!.Value.ToArray())}'";
            case MessagePackType.String:
                return $"s'{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(reader.ReadString()!))}'";
            case MessagePackType.Array:
                return $"[{ShowElements(ref reader, reader.ReadArrayHeader(), isMap: false)}]";
            default:
                return $"{{{ShowElements(ref reader, reader.ReadMapHeader(), isMap: true)}}}";
        }
    }

    private static string ShowElements(ref MessagePackReader reader, int count, bool isMap)
    {
        string[] elements = new string[count];
        for (int i = 0; i < count; i++)
        {
            elements[i] = isMap ? Show(ref reader) + ": " + Show(ref reader) : Show(ref reader);
        }

        return string.Join(", ", elements);
    }

    private static string TextInHex(string fields)
    {
        StringBuilder result = new();
        foreach (string part in fields.Split("s'"))
        {
            int end = part.IndexOf('\'', StringComparison.Ordinal);
            result.Append(result.Length == 0 ? part : $"s'{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(part[..end]))}{part[end..]}");
        }

        return result.ToString();
    }
}
