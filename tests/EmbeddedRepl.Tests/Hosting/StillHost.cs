using Microsoft.Extensions.Hosting;

namespace EmbeddedRepl.Tests.Hosting;

/// <summary>Its presence says that there is a host; it never starts anything.</summary>
internal sealed class StillHost : IHostApplicationLifetime
{
    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication()
    {
    }
}
