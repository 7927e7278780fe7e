namespace EmbeddedRepl.FaultRun.History;

/// <summary>Something that must not be.</summary>
/// <param name="Property">Which of the properties of DESIGN.md does not hold.</param>
/// <param name="Message">What was seen.</param>
internal sealed record Violation(string Property, string Message)
{
    public override string ToString() => $"{Property}: {Message}";
}
