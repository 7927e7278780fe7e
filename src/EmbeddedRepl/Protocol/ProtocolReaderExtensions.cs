using System.Buffers;
using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>How the types of this protocol are read from MessagePack, each with its limit.</summary>
internal static class ProtocolReaderExtensions
{
    /// <summary>Reads an offset, a length, a count or a time in milliseconds: never negative.</summary>
    public static long ReadNonNegative(this ref MessagePackReader reader, string field)
    {
        long value = reader.ReadInt64();
        return value >= 0 ? value : throw new ProtocolException($"The field {field} is negative.");
    }

    /// <summary>Reads a number within bounds.</summary>
    public static int ReadInRange(this ref MessagePackReader reader, string field, int min, int max)
    {
        long value = reader.ReadInt64();
        return value >= min && value <= max
            ? (int)value
            : throw new ProtocolException($"The field {field} is {value}, but must be between {min} and {max}.");
    }

    /// <summary>Reads the header of an array of a limited number of elements.</summary>
    public static int ReadArrayHeader(this ref MessagePackReader reader, string field, int max)
    {
        int count = reader.ReadArrayHeader();
        return count <= max ? count : throw new ProtocolException($"The field {field} has {count} elements, but at most {max} are allowed.");
    }

    /// <summary>Reads text of a limited size.</summary>
    public static string ReadText(this ref MessagePackReader reader, string field, int maxSize) =>
        reader.ReadTextOrNil(field, maxSize) ?? throw new ProtocolException($"The field {field} is nil.");

    /// <summary>Reads text of a limited size, or nil as null.</summary>
    public static string? ReadTextOrNil(this ref MessagePackReader reader, string field, int maxSize)
    {
        // Peeking first keeps an oversized text from ever becoming a string.
        MessagePackReader ahead = reader;
        if (ahead.ReadStringSequence() is { } utf8 && utf8.Length > maxSize)
        {
            throw new ProtocolException($"The field {field} has {utf8.Length} bytes, but at most {maxSize} are allowed.");
        }

        return reader.ReadString();
    }

    /// <summary>Reads a message for a person, fit to be printed.</summary>
    public static string ReadMessage(this ref MessagePackReader reader) => PrintableText.Of(reader.ReadText("message", ProtocolLimits.MessageSize));

    /// <summary>Reads bytes of a limited size; a window into the input.</summary>
    public static ReadOnlySequence<byte> ReadBinary(this ref MessagePackReader reader, string field, int maxSize)
    {
        ReadOnlySequence<byte> bytes = reader.ReadBytes() ?? throw new ProtocolException($"The field {field} is nil.");
        return bytes.Length <= maxSize
            ? bytes
            : throw new ProtocolException($"The field {field} has {bytes.Length} bytes, but at most {maxSize} are allowed.");
    }

    /// <summary>Copies a nonce.</summary>
    public static byte[] ReadNonce(this ref MessagePackReader reader)
    {
        byte[] nonce = new byte[ProtocolLimits.NonceSize];
        reader.ReadExactly("nonce", nonce);
        return nonce;
    }

    /// <summary>Copies a proof; an empty one is given where no password is in use.</summary>
    public static byte[] ReadProof(this ref MessagePackReader reader)
    {
        byte[] proof = reader.ReadBinary("proof", ProtocolLimits.NonceSize).ToArray();
        return proof.Length is 0 or ProtocolLimits.NonceSize
            ? proof
            : throw new ProtocolException($"A proof has 0 or {ProtocolLimits.NonceSize} bytes, not {proof.Length}.");
    }

    /// <summary>Reads a replication id.</summary>
    public static ReplicationId ReadReplicationId(this ref MessagePackReader reader)
    {
        Span<byte> bytes = stackalloc byte[ReplicationId.Size];
        reader.ReadExactly("replication id", bytes);
        return new ReplicationId(bytes);
    }

    /// <summary>Reads a run id.</summary>
    public static RunId ReadRunId(this ref MessagePackReader reader)
    {
        Span<byte> bytes = stackalloc byte[RunId.Size];
        reader.ReadExactly("run id", bytes);
        return new RunId(bytes);
    }

    /// <summary>Reads a digest or a seed.</summary>
    public static UInt128 ReadUInt128(this ref MessagePackReader reader, string field)
    {
        Span<byte> bytes = stackalloc byte[16];
        reader.ReadExactly(field, bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>Reads a list of run ids.</summary>
    public static RunId[] ReadRunIds(this ref MessagePackReader reader)
    {
        RunId[] ids = new RunId[reader.ReadArrayHeader("run ids", ProtocolLimits.RunIds)];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = reader.ReadRunId();
        }

        return ids;
    }

    /// <summary>Reads a list of ancestors.</summary>
    public static Ancestor[] ReadAncestors(this ref MessagePackReader reader)
    {
        Ancestor[] ancestors = new Ancestor[reader.ReadArrayHeader("ancestors", ProtocolLimits.Ancestors)];
        for (int i = 0; i < ancestors.Length; i++)
        {
            reader.ReadFields("ancestor", Ancestor.FieldCount);
            ReplicationId id = reader.ReadReplicationId();
            long endOffset = reader.ReadNonNegative("end offset of an ancestor");
            AncestorEnd endedBy = (AncestorEnd)reader.ReadInRange("end of an ancestor", (int)AncestorEnd.Promotion, (int)AncestorEnd.Restart);
            ancestors[i] = new Ancestor(id, endOffset, endedBy);
        }

        return ancestors;
    }

    /// <summary>Reads the header of a nested array that always has the same fields.</summary>
    public static void ReadFields(this ref MessagePackReader reader, string field, int count)
    {
        int actual = reader.ReadArrayHeader();
        if (actual != count)
        {
            throw new ProtocolException($"The field {field} has {actual} elements, but needs {count}.");
        }
    }

    private static void ReadExactly(this ref MessagePackReader reader, string field, scoped Span<byte> destination)
    {
        ReadOnlySequence<byte> bytes = reader.ReadBinary(field, destination.Length);
        if (bytes.Length != destination.Length)
        {
            throw new ProtocolException($"The field {field} has {bytes.Length} bytes, but needs {destination.Length}.");
        }

        bytes.CopyTo(destination);
    }
}
