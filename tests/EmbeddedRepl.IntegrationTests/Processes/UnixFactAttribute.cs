namespace EmbeddedRepl.IntegrationTests.Processes;

/// <summary>A test that freezes processes, which Windows has no signal for.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "Needs SIGSTOP and SIGCONT, which Windows does not have.";
        }
    }
}
