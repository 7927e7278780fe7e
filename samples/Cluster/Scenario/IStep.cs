namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>One chapter of the demo.</summary>
internal interface IStep
{
    /// <summary>What the visitor is about to see.</summary>
    string Title { get; }

    /// <summary>Does something to the nodes and checks what comes of it.</summary>
    /// <exception cref="StepFailedException">Something that the rest of the demo needs did not happen.</exception>
    Task RunAsync(Demo demo, CancellationToken cancellationToken);
}
