using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Roles;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>TLS in the configuration of a service.</summary>
public class TlsServiceTests
{
    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("Tls:Certificate:Path", "missing.crt", "ReplicatedCache:Tls:Certificate:Path 'missing.crt' cannot be read")]
    [InlineData("Tls:Certificate:KeyPath", "missing.key", "ReplicatedCache:Tls:Certificate:KeyPath 'missing.key' cannot be read")]
    [InlineData("Tls:TrustedCertificatesPath", "missing.crt", "ReplicatedCache:Tls:TrustedCertificatesPath 'missing.crt' cannot be read")]
    public void Service_FileIsMissing_DoesNotStartAndNamesTheKey(string key, string value, string message)
    {
        using var files = new TlsFiles();
        (string Key, string Value)[] settings =
        [
            .. Listener(files).Where(setting => setting.Key != key),
            (key, value),
        ];

        ReplicatedCacheException error = Assert.Throws<ReplicatedCacheException>(() => ReloadedService.Start(settings));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Tls_TurnedOnWhileAReplicaIsAttached_ActsOnNewConnectionsAndAWrongEditIsIgnored()
    {
        using var files = new TlsFiles();
        using ReloadedService master = ReloadedService.Master();
        master.Cache.SetString("k", "v");
        using ReloadedService attached = ReloadedService.Start(("Master", master.EndPoint));
        attached.WaitForStreaming();

        master.Edit(ReloadedService.Ignored, [.. Listener(files).Where(setting => setting.Key != "Tls:Certificate:Path"), ("Tls:Certificate:Path", "missing.crt")]);
        Assert.True(master.Log.Contains("Error 1816", "ReplicatedCache:Tls:Certificate:Path 'missing.crt' cannot be read"), master.Log.Text);
        master.Edit(ReloadedService.Applied, [.. Listener(files)]);

        Assert.True(master.Log.Contains("1815", "The configuration has changed: Tls"), master.Log.Text);
        using ReloadedService encrypted = ReloadedService.Start(
            ("Master", master.EndPoint), ("Tls:Link", "true"), ("Tls:TrustedCertificatesPath", files["ca.crt"]));
        encrypted.WaitForStreaming();
        master.Cache.SetString("k", "w");
        attached.WaitUntilEqualTo(master);
        encrypted.WaitUntilEqualTo(master);
        Assert.Equal(0, attached.Info.LinkFailures);

        // Turned off again, perhaps by a slip: the log says that nothing is encrypted any more.
        master.Edit(ReloadedService.Applied, [("Role", "Master"), ("Listen:0", "127.0.0.1:0")]);
        TestNode.Wait(() => master.Log.Contains("2200", "TLS for those who connect: False; to the master: False; certificate of this node: none"), () => master.Log.Text);
    }

    private static IEnumerable<(string Key, string Value)> Listener(TlsFiles files) =>
    [
        ("Role", "Master"),
        ("Listen:0", "127.0.0.1:0"),
        ("Tls:Listener", "true"),
        ("Tls:Certificate:Path", files["node.crt"]),
        ("Tls:Certificate:KeyPath", files["node.key"]),
    ];
}
