namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Tests that count what the whole process holds: they run after all others, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class AloneCollection
{
    public const string Name = "alone";
}
