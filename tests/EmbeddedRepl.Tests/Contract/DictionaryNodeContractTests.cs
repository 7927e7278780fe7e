using EmbeddedRepl.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>The contract on the dictionary: proves the facade, and that the tests themselves ask for nothing impossible.</summary>
public sealed class DictionaryNodeContractTests : CacheContractTests
{
    protected override void RegisterNode(IServiceCollection services) =>
        services.AddSingleton<INodeFactory>(new DictionaryNodeFactory());
}
