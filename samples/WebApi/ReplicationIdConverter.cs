using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmbeddedRepl.Samples.WebApi;

/// <summary>Writes a replication id as its 40 hexadecimal digits. Ids are only ever sent by this service.</summary>
internal sealed class ReplicationIdConverter : JsonConverter<ReplicationId>
{
    /// <inheritdoc/>
    public override ReplicationId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("This service does not accept replication ids.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ReplicationId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
