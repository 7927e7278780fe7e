namespace EmbeddedRepl.Fuzz.Oracles;

/// <summary>What is tested did something that it must not do.</summary>
internal sealed class FuzzFailedException(string message) : Exception(message);
