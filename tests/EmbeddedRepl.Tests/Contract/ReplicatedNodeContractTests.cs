using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>The contract, kept by the node that every service gets.</summary>
public sealed class ReplicatedNodeContractTests : CacheContractTests
{
    protected override void RegisterNode(IServiceCollection services)
    {
    }
}
