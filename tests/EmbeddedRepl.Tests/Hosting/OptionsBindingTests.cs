using System.Reflection;
using System.Text;
using EmbeddedRepl.Hosting;
using EmbeddedRepl.Tests.Contract;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class OptionsBindingTests
{
    private const string EveryOption = """
        {
          "Role": "Replica", "Master": "10.0.0.5:7000", "CacheName": "shop", "Listen": ["127.0.0.1:7001", "[::1]:7002"],
          "Password": "p1", "AcceptedPasswords": ["p2", "p3"], "MasterPassword": "p4", "ProtectedMode": false, "ExpectedReplicas": 3,
          "AnnouncedHost": "cache-1.example.com", "AnnouncedPort": 7400,
          "Tls": {
            "Listener": true, "Link": true, "TrustedCertificatesPath": "ca.crt", "ServerName": "cache.internal", "ClientCertificateMode": "RequireCertificate",
            "RevocationMode": "Offline", "ReloadInterval": "00:01:00", "Certificate": { "Path": "tls.crt", "KeyPath": "tls.key", "Password": "p5", "Store": "Root", "Location": "LocalMachine" }
          },
          "BacklogSize": 1000001, "ReplicaOutputLimit": 1000002, "ReplicaOutputSoftLimit": 1000003, "ReplicaOutputSoftTime": "00:00:11",
          "MaxConcurrentFullSyncs": 7, "HeartbeatInterval": "00:00:00.5", "AckInterval": "00:00:00.2", "LinkTimeout": "00:00:02",
          "ConnectTimeout": "00:00:03", "HandshakeTimeout": "00:00:04", "ReconnectDelay": "00:00:06",
          "RecoveryWindow": "00:00:07", "RecoveryLimit": "00:00:08", "RecoveryWriteTimeout": "00:00:09", "MaxReplicas": 8, "MaxPendingHandshakes": 9,
          "ReplicaWrites": "Forward", "ForwardTimeout": "00:00:15", "ForwardBufferSize": 1000004, "MaxForwardedWrites": 1001,
          "MaxKeySize": 99, "MaxValueSize": 999, "MemoryLimit": 100000000, "ShutdownTimeout": "00:00:12",
          "BacklogTimeToLive": "00:00:13", "MinReplicasToWrite": 2, "MinReplicasMaxLag": "00:00:14",
          "SnapshotDirectory": "/var/cache/shop", "SnapshotFileName": "shop.bin", "SnapshotInterval": "00:01:00", "SnapshotAfterChanges": 1000,
          "SaveSnapshotOnStop": false, "IgnoreDamagedSnapshot": true,
          "MaxStaleness": "00:00:15", "StaleReads": "Throw", "ReadyTimeout": "00:00:16", "RequireReadyAtStart": true
        }
        """;

    [Fact]
    public void Section_WithEveryOption_SetsEveryOption()
    {
        ReplicatedCacheOptions options = Resolve(s => s.AddReplicatedCache(), $$"""{"ReplicatedCache": {{EveryOption}} }""");

        var defaults = new ReplicatedCacheOptions();
        foreach (PropertyInfo property in typeof(ReplicatedCacheOptions).GetProperties())
        {
            object? value = property.GetValue(options);
            if (value is IList<string> list)
            {
                Assert.Equal(2, list.Count);
            }
            else
            {
                Assert.True(!Equals(property.GetValue(defaults), value), $"{property.Name} was not bound.");
            }
        }

        Assert.Equal(ReplicationRole.Replica, options.Role);
        Assert.Equal(["127.0.0.1:7001", "[::1]:7002"], options.Listen);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.HeartbeatInterval);
        Assert.All(
            typeof(ReplicatedCacheTlsOptions).GetProperties().Where(p => p.CanWrite),
            property => Assert.NotEqual(property.GetValue(defaults.Tls), property.GetValue(options.Tls)));
        ReplicatedCacheCertificateOptions certificate = options.Tls.Certificate;
        Assert.Equal(("tls.crt", "tls.key", "p5", "Root"), (certificate.Path, certificate.KeyPath, certificate.Password, certificate.Store));
        Assert.Equal(System.Security.Cryptography.X509Certificates.StoreLocation.LocalMachine, certificate.Location);
    }

    [Fact]
    public void Section_OfAReplicaAsDocumented_IsEnough()
    {
        ReplicatedCacheOptions options = Resolve(
            s => s.AddReplicatedCache(), """{"ReplicatedCache": {"Role": "Replica", "Master": "10.0.0.5:6390", "Password": "secret"}}""");

        Assert.Equal(ReplicationRole.Replica, options.Role);
        Assert.Equal("10.0.0.5:6390", options.Master);
        Assert.Equal("secret", options.Password);
    }

    [Fact]
    public void Code_AfterTheSection_HasTheLastWord()
    {
        ReplicatedCacheOptions options = Resolve(
            s => s.AddReplicatedCache(o => o.MaxReplicas = 5), """{"ReplicatedCache": {"MaxReplicas": 4, "CacheName": "shop"}}""");

        Assert.Equal(5, options.MaxReplicas);
        Assert.Equal("shop", options.CacheName);
    }

    [Theory]
    [InlineData("Shop:Cache")]
    [InlineData("Shop")]
    public void Configuration_Given_IsBoundItselfOrItsSectionOfOurName(string path)
    {
        IConfiguration configuration = Json(
            """{"ReplicatedCache": {"CacheName": "not this"}, "Shop": {"ReplicatedCache": {"CacheName": "shop"}, "Cache": {"CacheName": "shop"}}}""");

        ReplicatedCacheOptions options = Resolve(s => s.AddReplicatedCache(configuration.GetSection(path)), "{}");

        Assert.Equal("shop", options.CacheName);
    }

    [Fact]
    public void Configuration_OfTheWholeApplicationGiven_ItsSectionIsBound()
    {
        IConfiguration configuration = Json("""{"Logging": {"a": "b"}, "ReplicatedCache": {"CacheName": "shop"}}""");

        Assert.Equal("shop", Resolve(s => s.AddReplicatedCache(configuration), "{}").CacheName);
    }

    [Fact]
    public void Configuration_Given_IsNamedInMessages()
    {
        IConfiguration configuration = Json("""{"Shop": {"Cache": {"MaxReplicas": 0}}}""");

        Exception error = Assert.ThrowsAny<Exception>(() => Resolve(s => s.AddReplicatedCache(configuration.GetSection("Shop:Cache")), "{}"));

        Assert.Contains("Shop:Cache:MaxReplicas must be between 1 and 10000 but is 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyedCache_ItsOwnSection_IsNamedInMessages()
    {
        Exception error = Assert.ThrowsAny<Exception>(() => Resolve(
            s => s.AddKeyedReplicatedCache("pages"), """{"ReplicatedCaches": {"pages": {"MaxReplicas": 0}}}""", "pages"));

        Assert.Contains("ReplicatedCaches:pages:MaxReplicas must be between", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Section_WithAMisspeltKey_IsRefusedAndNamesIt()
    {
        // Ignored, it would make this replica a master.
        Exception error = Assert.ThrowsAny<Exception>(
            () => Resolve(s => s.AddReplicatedCache(), """{"ReplicatedCache": {"Maaster": "10.0.0.5:6390"}}"""));

        Assert.Contains("ReplicatedCache:Maaster", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("Tls:Enabled", "true", "ReplicatedCache:Tls:Enabled")]
    [InlineData("Tls:Certificate:File", "tls.crt", "ReplicatedCache:Tls:Certificate:File")]
    [InlineData("Tls", "true", "ReplicatedCache:Tls must be a section")]
    [InlineData("Tls:Certificate", "tls.crt", "ReplicatedCache:Tls:Certificate must be a section")]
    [InlineData("Tls:ClientCertificateMode", "Always", "ReplicatedCache:Tls:ClientCertificateMode")]
    public void SectionOfTls_WithWhatItDoesNotKnow_IsRefusedAndNamesIt(string key, string value, string named)
    {
        // Ignored, the node would speak without TLS.
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ReplicatedCache:" + key, value)]).Build();

        Exception error = Assert.ThrowsAny<Exception>(() => Resolve(s => s.AddReplicatedCache(configuration), "{}"));

        Assert.Contains(named, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BacklogSize", "a lot")]
    [InlineData("HeartbeatInterval", "10 s")]
    [InlineData("Role", "Slave")]
    [InlineData("ProtectedMode", "maybe")]
    public void Section_WithAValueOfTheWrongType_IsRefusedAndNamesTheKey(string key, string value)
    {
        Exception error = Assert.ThrowsAny<Exception>(
            () => Resolve(s => s.AddReplicatedCache(), $$$"""{"ReplicatedCache": {"{{{key}}}": "{{{value}}}"}}"""));

        Assert.Contains("ReplicatedCache:" + key, error.Message, StringComparison.Ordinal);
    }

    private static IConfigurationRoot Json(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    private static ReplicatedCacheOptions Resolve(Action<IServiceCollection> register, string json, string? key = null)
    {
        var nodes = new DictionaryNodeFactory();
        var services = new ServiceCollection();
        services.AddSingleton<INodeFactory>(nodes);
        services.AddSingleton<IConfiguration>(Json(json));
        register(services);
        using ServiceProvider provider = services.BuildServiceProvider();
        _ = key is null ? provider.GetRequiredService<IReplicatedCache>() : provider.GetRequiredKeyedService<IReplicatedCache>(key);
        return nodes.Nodes[0].Options;
    }
}
