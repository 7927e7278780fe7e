namespace EmbeddedRepl.IntegrationTests.Upgrade;

/// <summary>A test that needs the <see cref="PreviousNode"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PreviousNodeFactAttribute : FactAttribute
{
    public PreviousNodeFactAttribute() => Skip = PreviousNode.SkipReason;
}

/// <inheritdoc cref="PreviousNodeFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PreviousNodeTheoryAttribute : TheoryAttribute
{
    public PreviousNodeTheoryAttribute() => Skip = PreviousNode.SkipReason;
}
