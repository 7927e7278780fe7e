using System.Buffers.Binary;

namespace EmbeddedRepl.Protocol;

/// <summary>How the types of this protocol are written in MessagePack.</summary>
internal static class ProtocolWriterExtensions
{
    /// <summary>Writes a replication id as 20 bytes.</summary>
    public static void Write(this ref MessagePackWriter writer, ReplicationId id)
    {
        Span<byte> bytes = stackalloc byte[ReplicationId.Size];
        id.CopyTo(bytes);
        writer.Write(bytes);
    }

    /// <summary>Writes a run id as 20 bytes.</summary>
    public static void Write(this ref MessagePackWriter writer, RunId id)
    {
        Span<byte> bytes = stackalloc byte[RunId.Size];
        id.CopyTo(bytes);
        writer.Write(bytes);
    }

    /// <summary>Writes a digest or a seed as 16 bytes, the most significant first.</summary>
    public static void Write(this ref MessagePackWriter writer, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        writer.Write(bytes);
    }

    /// <summary>Writes run ids as an array; of a longer list, the first <see cref="ProtocolLimits.RunIds"/>.</summary>
    public static void Write(this ref MessagePackWriter writer, IReadOnlyList<RunId> ids)
    {
        // The nearest nodes come first, so that what is left out is the far end of a chain deeper than anyone builds.
        int count = Math.Min(ids.Count, ProtocolLimits.RunIds);
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
        {
            writer.Write(ids[i]);
        }
    }

    /// <summary>Writes ancestors as an array of arrays; of a longer list, the first <see cref="ProtocolLimits.Ancestors"/>.</summary>
    public static void Write(this ref MessagePackWriter writer, IReadOnlyList<Ancestor> ancestors)
    {
        int count = Math.Min(ancestors.Count, ProtocolLimits.Ancestors);
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
        {
            Ancestor ancestor = ancestors[i];
            writer.WriteArrayHeader(Ancestor.FieldCount);
            writer.Write(ancestor.Id);
            writer.Write(ancestor.EndOffset);
            writer.Write((byte)ancestor.EndedBy);
        }
    }

    /// <summary>Writes a message for a person, shortened to <see cref="ProtocolLimits.MessageSize"/>: telling of an error must not fail.</summary>
    public static void WriteMessage(this ref MessagePackWriter writer, string message) => writer.Write(ProtocolLimits.Shorten(message));
}
