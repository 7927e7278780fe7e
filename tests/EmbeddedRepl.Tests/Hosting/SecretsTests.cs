using System.Reflection;
using System.Text.Json;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class SecretsTests
{
    private const string Secret = "hunter2";

    private static ReplicatedCacheOptions WithSecrets()
    {
        var options = new ReplicatedCacheOptions { Password = Secret + "-1", MasterPassword = Secret + "-2", Master = "10.0.0.5:6390" };
        options.AcceptedPasswords.Add(Secret + "-3");
        options.Tls.Certificate.Path = "node.pfx";
        options.Tls.Certificate.Password = Secret + "-4";
        options.Listen.Add("127.0.0.1:7000");
        return options;
    }

    [Fact]
    [Trait("Behaviour", "F8")]
    public void OptionsDump_ShowsEverySettingButNoPassword()
    {
        string text = WithSecrets().ToString();

        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.All(
            typeof(ReplicatedCacheOptions).GetProperties().Select(p => p.Name),
            name => Assert.Contains(name + "=", text, StringComparison.Ordinal));
        Assert.Contains("Password=(set), AcceptedPasswords=(1 set), MasterPassword=(set)", text, StringComparison.Ordinal);
        Assert.Contains("Master=10.0.0.5:6390", text, StringComparison.Ordinal);
        Assert.Contains("Path=node.pfx, KeyPath=(not set), Password=(set)", text, StringComparison.Ordinal);
        Assert.All(
            typeof(ReplicatedCacheTlsOptions).GetProperties().Concat(typeof(ReplicatedCacheCertificateOptions).GetProperties()).Select(p => p.Name),
            name => Assert.Contains(name + "=", text, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "F8")]
    public void OptionsDump_WithoutPasswords_SaysSo()
    {
        Assert.Contains(
            "Password=(not set), AcceptedPasswords=(0 set), MasterPassword=(not set)",
            new ReplicatedCacheOptions().ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "F8")]
    public void OptionsAsJson_ShowNoPassword()
    {
        string json = JsonSerializer.Serialize(WithSecrets());

        Assert.DoesNotContain(Secret, json, StringComparison.Ordinal);
        Assert.Contains("10.0.0.5:6390", json, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "F8")]
    public void InformationTypes_HaveNoPlaceForAPassword()
    {
        IEnumerable<PropertyInfo> properties = new[] { typeof(ReplicationInfo), typeof(ReplicaInfo) }.SelectMany(t => t.GetProperties());

        Assert.DoesNotContain(properties, p => p.Name.Contains("Password", StringComparison.OrdinalIgnoreCase));
    }
}
