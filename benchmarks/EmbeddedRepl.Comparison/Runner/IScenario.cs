namespace EmbeddedRepl.Comparison.Runner;

/// <summary>One question that is asked of this library and of what a team could use instead.</summary>
internal interface IScenario
{
    /// <summary>What it is called on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures, in a line.</summary>
    string Summary { get; }

    /// <summary>Measures, and reports each figure.</summary>
    /// <exception cref="WrongResultException">Something was fast because it was wrong: digests differ, a lag grew, a value was not the one that was written.</exception>
    void Run(ScenarioContext context);
}
