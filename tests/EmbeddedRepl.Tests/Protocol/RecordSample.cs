using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>One record as the tests know it.</summary>
/// <param name="Name">Also the name of its golden file.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Bytes">Its encoding.</param>
/// <param name="Size">The size that the encoder told beforehand.</param>
/// <param name="Fields">Its elements as an independent decoder must print them.</param>
internal sealed record RecordSample(string Name, RecordKind Kind, byte[] Bytes, long Size, string Fields);
