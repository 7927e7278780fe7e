namespace EmbeddedRepl.Comparison.Runner;

/// <summary>What was measured did not do what it was measured for, so its times mean nothing.</summary>
internal sealed class WrongResultException(string message) : Exception(message);
