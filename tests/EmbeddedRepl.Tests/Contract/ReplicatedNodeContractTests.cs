using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>The contract on the node that every service gets.</summary>
public sealed class ReplicatedNodeContractTests : CacheContractTests
{
    protected override void RegisterNode(IServiceCollection services)
    {
        // Nothing: the library's own node is what AddReplicatedCache registers.
    }
}
