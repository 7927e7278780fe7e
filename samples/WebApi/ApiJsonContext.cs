using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmbeddedRepl.Samples.WebApi;

/// <summary>How the answers of this service become JSON, generated at build time: no reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    Converters = [typeof(ReplicationIdConverter)])]
[JsonSerializable(typeof(ReplicationInfo))]
[JsonSerializable(typeof(TrafficStats))]
[JsonSerializable(typeof(SortedDictionary<string, int>))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
