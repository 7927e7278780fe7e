namespace EmbeddedRepl.Simulation.Engine;

/// <summary>Something that must always be true was not.</summary>
internal sealed class SimulationFailedException : Exception
{
    public SimulationFailedException()
    {
    }

    public SimulationFailedException(string message)
        : base(message)
    {
    }

    public SimulationFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
