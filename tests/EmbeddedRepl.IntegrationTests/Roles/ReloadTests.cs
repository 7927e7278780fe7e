using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.IntegrationTests.Roles;

/// <summary>Editing the configuration of a running service.</summary>
public class ReloadTests
{
    [Fact]
    [Trait("Behaviour", "D10")]
    public void RoleAndMaster_Edited_ActAsTheCallsDo()
    {
        using ReloadedService first = ReloadedService.Master();
        using ReloadedService second = ReloadedService.Master();
        first.Cache.SetString("k", "first");
        second.Cache.SetString("k", "second");
        using ReloadedService node = ReloadedService.Start(("Master", first.EndPoint), ("Listen:0", "127.0.0.1:0"));
        node.WaitForStreaming();
        node.WaitUntilEqualTo(first);

        // To another master: an order, although its history is unrelated.
        node.Edit(ReloadedService.Applied, ("Master", second.EndPoint), ("Listen:0", "127.0.0.1:0"));
        TestNode.Wait(() => node.Cache.GetString("k") == "second", () => node.Log.Text);
        node.WaitUntilEqualTo(second);

        // To a master: promoted, from where it is.
        ReplicationId before = node.Info.ReplicationId;
        node.Edit(ReloadedService.Applied, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"));
        Assert.Equal((ReplicationRole.Master, before), (node.Info.Role, node.Info.PreviousReplicationId));
        node.Cache.SetString("k", "own");

        // And back: demoted, its own writes given up.
        node.Edit(ReloadedService.Applied, ("Role", "Replica"), ("Master", second.EndPoint), ("Listen:0", "127.0.0.1:0"));
        Assert.Equal(ReplicationRole.Replica, node.Info.Role);
        TestNode.Wait(() => node.Cache.GetString("k") == "second", () => node.Log.Text);
        node.WaitUntilEqualTo(second);
        Assert.Equal(0, node.Log.CountOf(ReloadedService.Ignored));
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void Configuration_TouchedAfterAPromotion_DoesNotUndoIt()
    {
        using ReloadedService master = ReloadedService.Master();
        master.Cache.SetString("k", "v");
        using ReloadedService node = ReloadedService.Start(("Master", master.EndPoint), ("MaxReplicas", "10"));
        node.WaitForStreaming();
        node.Promote();
        ReplicationId promoted = node.Info.ReplicationId;

        node.Settings.Touch();
        node.Settings.Touch();

        // An edit of something else is seen to be applied, and the master that is still configured is not.
        node.Edit(ReloadedService.Applied, ("Master", master.EndPoint), ("MaxReplicas", "11"));
        Assert.Equal((ReplicationRole.Master, promoted), (node.Info.Role, node.Info.ReplicationId));
        Assert.True(node.Log.Contains("1815", "The configuration has changed: MaxReplicas"));
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void Master_EditedToTheOneThatIsFollowedByACallAlready_LeavesTheLinkAlone()
    {
        using ReloadedService first = ReloadedService.Master();
        using ReloadedService second = ReloadedService.Master();
        using ReloadedService node = ReloadedService.Start(("Master", first.EndPoint));
        node.ReplicateFrom(second.EndPoint);
        node.WaitFor(info => info.LinkState == ReplicationLinkState.Streaming && info.ReplicationId == second.Info.ReplicationId, "it follows the second");

        node.Edit(ReloadedService.Applied, ("Master", second.EndPoint));

        Assert.Equal(ReplicationLinkState.Streaming, node.Info.LinkState);
        Assert.Equal((1, 0), (second.Info.SyncFull, second.Info.SyncPartialOk));
    }

    [Theory]
    [Trait("Behaviour", "D10")]
    [InlineData("BacklogSize", "-1", "ReplicatedCache:BacklogSize")]
    [InlineData("Role", "Slave", "ReplicatedCache:Role")]
    [InlineData("Maaster", "10.0.0.1:1", "ReplicatedCache:Maaster")]
    [InlineData("Role", "Master", "ReplicatedCache:Master")]
    [InlineData("Listen:1", "256.0.0.1:x", "ReplicatedCache:Listen:1")]
    public void Edit_ThatIsNotValid_IsLoggedWithItsKeyAndIgnoredAsAWhole(string key, string value, string named)
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService node = ReloadedService.Start(("Master", master.EndPoint), ("Listen:0", "127.0.0.1:0"));
        node.WaitForStreaming();
        string endPoint = node.EndPoint;

        node.Edit(ReloadedService.Ignored, ("Master", master.EndPoint), ("Listen:0", "127.0.0.1:0"), ("MaxReplicas", "3"), (key, value));

        Assert.True(node.Log.Contains("Error 1816", named), node.Log.Text);
        Assert.Equal((ReplicationRole.Replica, ReplicationLinkState.Streaming, endPoint), (node.Info.Role, node.Info.LinkState, node.EndPoint));
        Assert.Equal(0, node.Log.CountOf(ReloadedService.Applied));

        // Put right, it acts: also the part that was valid before.
        node.Edit(ReloadedService.Applied, ("Master", master.EndPoint), ("Listen:0", "127.0.0.1:0"), ("MaxReplicas", "3"));
        Assert.True(node.Log.Contains("1815", "The configuration has changed: MaxReplicas"), node.Log.Text);
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void Section_GoneOrWithoutRoleAndMaster_DoesNotMakeAMasterOfAReplica()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService node = ReloadedService.Start(("Master", master.EndPoint), ("MaxReplicas", "10"));
        node.WaitForStreaming();

        node.Edit(ReloadedService.Ignored);
        Assert.Equal(ReplicationRole.Replica, node.Info.Role);
        node.Edit(ReloadedService.Ignored, ("MaxReplicas", "10"));
        Assert.Equal((ReplicationRole.Replica, ReplicationLinkState.Streaming), (node.Info.Role, node.Info.LinkState));
        Assert.True(node.Log.Contains("Error 1816", "set Role to Master"), node.Log.Text);
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void Role_EditedToMasterOnANodeThatNeverSynced_IsRefusedAsTheCallIs()
    {
        using ReloadedService node = ReloadedService.Start(("Master", $"127.0.0.1:{FreePort.Next()}"));

        node.Edit(ReloadedService.Ignored, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"));

        Assert.Equal(ReplicationRole.Replica, node.Info.Role);
        Assert.Empty(node.Info.ListenEndPoints);
        Assert.True(node.Log.Contains("Error 1816", "never completed a sync"), node.Log.Text);
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void Settings_ThatAreAgreedInTheHandshake_ActAtTheNextStartAndSaySo()
    {
        using ReloadedService master = ReloadedService.Master();
        master.Edit(ReloadedService.AtNextStart, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"), ("CacheName", "other"), ("MaxKeySize", "10"));
        using ReloadedService node = ReloadedService.Start(("Master", master.EndPoint));

        node.WaitForStreaming();
        Assert.True(master.Log.Contains("Warning 1817", "CacheName, MaxKeySize"), master.Log.Text);
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void KeyedCache_Edited_ActsOnThatCacheAndWhatCodeSetsStays()
    {
        using ReloadedService master = ReloadedService.Start("shop", null, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"));
        master.Cache.SetString("k", "v");
        using ReloadedService node = ReloadedService.Start(
            "shop", options => options.MaxReplicas = 7, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"));

        node.Edit(ReloadedService.Applied, ("Master", master.EndPoint), ("MaxReplicas", "9"));

        node.WaitForStreaming();
        TestNode.Wait(() => node.Cache.GetString("k") == "v", () => node.Log.Text);
        Assert.False(node.Log.Contains("1815", "MaxReplicas"), node.Log.Text);
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void StandAloneNode_EditedToAMasterThatListens_KeepsItsDataAndServesReplicas()
    {
        using ReloadedService node = ReloadedService.Start(("MaxReplicas", "10"));
        node.Cache.SetString("k", "v");

        node.Edit(ReloadedService.Applied, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"));
        using ReloadedService replica = ReloadedService.Start(("Master", node.EndPoint));
        replica.WaitForStreaming();
        node.Cache.SetString("more", "v");

        TestNode.Wait(() => replica.Cache.GetString("more") == "v" && replica.Cache.GetString("k") == "v", () => replica.Log.Text);
        replica.WaitUntilEqualTo(node);
    }

    [Fact]
    [Trait("Behaviour", "D10")]
    public void AppSettings_EditedOnDisk_Act()
    {
        using var folder = new TempFolder();
        string file = folder["appsettings.json"];
        using ReloadedService first = ReloadedService.Master();
        using ReloadedService second = ReloadedService.Master();
        second.Cache.SetString("k", "second");
        File.WriteAllText(file, Json(first.EndPoint));
        using var log = new TraceLog();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddJsonFile(file, optional: false, reloadOnChange: true);
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddReplicatedCache();
        using IHost host = builder.Build();
        host.Start();
        var cache = host.Services.GetRequiredService<IReplicatedCache>();

        // Half a file counts as an empty one; nothing may come of it.
        File.WriteAllText(file, Json(second.EndPoint)[..20]);
        File.WriteAllText(file, Json(second.EndPoint));

        TestNode.Wait(() => cache.GetString("k") == "second", () => log.Text);
        Assert.Equal(ReplicationRole.Replica, cache.Role);
    }

    [Fact]
    [Trait("Behaviour", "F1")]
    public void MasterPassword_WrongAndPutRight_HealsWithoutARestart()
    {
        using ReloadedService master = ReloadedService.Master(("Password", "right"));
        master.Cache.SetString("k", "v");
        using ReloadedService node = ReloadedService.Start(("Master", master.EndPoint), ("MasterPassword", "wrong"));
        node.WaitFor(info => info.LinkDownReason?.Contains("The password is wrong", StringComparison.Ordinal) == true, "it is refused");

        node.Edit(ReloadedService.Applied, ("Master", master.EndPoint), ("MasterPassword", "right"));

        node.WaitForStreaming();
        Assert.Equal("v", node.Cache.GetString("k"));
        Assert.False(node.Log.Contains("wrong", "1815") || master.Log.Contains("right ") || node.Log.Contains("right;"), "a password is in a log");
    }

    [Fact]
    [Trait("Behaviour", "F10")]
    public void Password_RotatedWithReplicasAttached_LosesNoLinkAndCausesNoFullSync()
    {
        using ReloadedService master = ReloadedService.Master(("Password", "old"));
        master.Cache.SetString("k", "v");
        string listen = master.EndPoint;
        using ReloadedService node = ReloadedService.Start(("Master", listen), ("MasterPassword", "old"));
        node.WaitForStreaming();
        int linksLost = 0;
        node.Cache.LinkDown += (_, _) => Interlocked.Increment(ref linksLost);

        master.Edit(ReloadedService.Applied, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"), ("Password", "new"), ("AcceptedPasswords:0", "old"));
        using (ReloadedService notYetTold = ReloadedService.Start(("Master", listen), ("MasterPassword", "old")))
        {
            notYetTold.WaitForStreaming();
        }

        node.Edit(ReloadedService.Applied, ("Master", listen), ("MasterPassword", "new"));
        master.Edit(ReloadedService.Applied, ("Role", "Master"), ("Listen:0", "127.0.0.1:0"), ("Password", "new"));
        master.Cache.SetString("k", "later");
        TestNode.Wait(() => node.Cache.GetString("k") == "later", () => node.Log.Text);
        Assert.Equal((0, 2L, 0L), (linksLost, master.Info.SyncFull, master.Info.SyncPartialOk));

        // Whoever comes now needs the new one.
        using ReloadedService late = ReloadedService.Start(("Master", listen), ("MasterPassword", "old"));
        late.WaitFor(info => info.LinkDownReason?.Contains("The password is wrong", StringComparison.Ordinal) == true, "the old one is refused");
        using ReloadedService knowing = ReloadedService.Start(("Master", listen), ("MasterPassword", "new"));
        knowing.WaitForStreaming();
    }

    [Fact]
    [Trait("Behaviour", "F5")]
    public void Listen_EditedToAPortThatIsTaken_NamesTheKeyAndTheRunningListenerSurvives()
    {
        using ReloadedService other = ReloadedService.Master();
        using ReloadedService master = ReloadedService.Master();
        string endPoint = master.EndPoint;
        using ReloadedService attached = ReloadedService.Start(("Master", endPoint));
        attached.WaitForStreaming();

        master.Edit(ReloadedService.Ignored, ("Role", "Master"), ("Listen:0", other.EndPoint), ("MaxReplicas", "3"));

        Assert.True(master.Log.Contains("Error 1816", "ReplicatedCache:Listen", other.EndPoint), master.Log.Text);
        Assert.Equal([endPoint], master.Info.ListenEndPoints);
        Assert.Equal(0, master.Log.CountOf(ReloadedService.Applied));
        using ReloadedService late = ReloadedService.Start(("Master", endPoint));
        late.WaitForStreaming();
        Assert.Equal(ReplicationLinkState.Streaming, attached.Info.LinkState);
    }

    [Fact]
    [Trait("Behaviour", "F5")]
    public void Listen_Edited_OpensTheNewAndClosesTheGoneAndReplicasStay()
    {
        using ReloadedService master = ReloadedService.Master();
        string old = master.EndPoint;
        using ReloadedService attached = ReloadedService.Start(("Master", old));
        attached.WaitForStreaming();
        string next = $"127.0.0.1:{FreePort.Next()}";

        master.Edit(ReloadedService.Applied, ("Role", "Master"), ("Listen:0", next));
        Assert.Equal([next], master.Info.ListenEndPoints);
        Assert.Equal((ReplicationLinkState.Streaming, 1), (attached.Info.LinkState, master.Info.Replicas.Count));
        using ReloadedService late = ReloadedService.Start(("Master", next));
        late.WaitForStreaming();
        using ReloadedService lost = ReloadedService.Start(("Master", old));
        lost.WaitFor(info => info.LinkDownReason is not null, "nobody listens at the old address");

        // From one address to all of them, which takes that one in.
        string port = next[(next.LastIndexOf(':') + 1)..];
        master.Edit(ReloadedService.Applied, ("Role", "Master"), ("Listen:0", $"*:{port}"));
        using ReloadedService again = ReloadedService.Start(("Master", next));
        again.WaitForStreaming();
        Assert.Equal(0, master.Log.CountOf(ReloadedService.Ignored));
    }

    private static string Json(string master) => $$"""{ "ReplicatedCache": { "Role": "Replica", "Master": "{{master}}" } }""";
}
