using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

public sealed class NodeSettingsMappingTests
{
    private const string Secret = "hunter2-secret";

    [Fact]
    public void ToSettings_Defaults_AreThoseOfTheCore()
    {
        NodeSettings settings = new ReplicatedCacheOptions().ToSettings(keepsStream: true);

        // Lists and stores have no equality of values.
        NodeSettings expected = new();
        Assert.Equal(expected with { AcceptedPasswords = settings.AcceptedPasswords, Store = settings.Store }, settings);
    }

    [Fact]
    public void ToSettings_Durations_AreRoundedUpToMilliseconds()
    {
        var options = new ReplicatedCacheOptions { LinkTimeout = TimeSpan.FromTicks(5_000_001), AckInterval = TimeSpan.FromMilliseconds(50) };
        NodeSettings settings = options.ToSettings(keepsStream: false);

        Assert.Equal((501, 50, false), (settings.LinkTimeout, settings.AckInterval, settings.KeepsStream));
    }

    [Fact]
    public void ToSettings_Passwords_AreAcceptedInOrderAndTheMainOneIsOffered()
    {
        var options = new ReplicatedCacheOptions { Password = "one" };
        options.AcceptedPasswords.Add("two");
        NodeSettings settings = options.ToSettings(keepsStream: true);

        Assert.Equal([KeyOf("one"), KeyOf("two")], settings.AcceptedPasswords.Select(key => Convert.ToHexString(key.Bytes)));
        Assert.Equal(KeyOf("one"), Convert.ToHexString(settings.MasterPassword!.Bytes));
        options.MasterPassword = "three";
        Assert.Equal(KeyOf("three"), Convert.ToHexString(options.ToSettings(keepsStream: true).MasterPassword!.Bytes));
    }

    [Fact]
    public void EffectiveOutputLimit_BelowTheBacklog_IsTheBacklog()
    {
        Assert.Equal(500, new NodeSettings { ReplicaOutputLimit = 100, BacklogSize = 500 }.EffectiveOutputLimit);
        Assert.Equal(600, new NodeSettings { ReplicaOutputLimit = 600, BacklogSize = 500 }.EffectiveOutputLimit);
    }

    [Fact]
    [Trait("Behaviour", "F8")]
    public void ToString_OfOptionsSettingsAndKeys_ShowsNeitherPasswordNorKey()
    {
        var options = new ReplicatedCacheOptions { Password = Secret, MasterPassword = Secret + "3" };
        options.AcceptedPasswords.Add(Secret + "2");
        NodeSettings settings = options.ToSettings(keepsStream: true);
        string text = $"{options} {settings} {settings.MasterPassword} {string.Join(' ', settings.AcceptedPasswords)}";

        Assert.DoesNotContain("hunter2", text, StringComparison.OrdinalIgnoreCase);
        foreach (PasswordKey key in settings.AcceptedPasswords.Append(settings.MasterPassword!))
        {
            Assert.DoesNotContain(Convert.ToHexString(key.Bytes)[..8], text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(key.Bytes)[..8], text, StringComparison.Ordinal);
        }
    }

    private static string KeyOf(string password) => Convert.ToHexString(PasswordKey.Create(password).Bytes);
}
