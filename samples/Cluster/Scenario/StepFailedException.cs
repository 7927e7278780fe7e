namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>Something did not happen in time without which it makes no sense to go on.</summary>
internal sealed class StepFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="expectation">What should have happened.</param>
    /// <param name="situation">What was seen instead.</param>
    public StepFailedException(string expectation, string situation)
        : base(expectation)
    {
        Situation = situation;
    }

    /// <summary>What was seen instead.</summary>
    public string Situation { get; }
}
