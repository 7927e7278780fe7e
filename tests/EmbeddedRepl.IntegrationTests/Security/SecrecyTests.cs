using System.Security.Cryptography;
using System.Text;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security;

public class SecrecyTests
{
    private static readonly string[] Passwords = ["pass-right-7f3a", "pass-old-91bc", "pass-wrong-d04e", "pass-master-55aa"];

    [Fact]
    [Trait("Behaviour", "F8")]
    public void Cluster_WholeLifeWithFailures_NeverTellsAPassword()
    {
        using var log = new TraceLog();
        var told = new StringBuilder();
        var options = new List<ReplicatedCacheOptions>();
        void Protect(ReplicatedCacheOptions node, string? own, string? masters)
        {
            node.Password = own;
            node.MasterPassword = masters;
            node.HandshakeTimeout = TimeSpan.FromMilliseconds(300);
            node.LinkTimeout = TimeSpan.FromSeconds(1);
            options.Add(node);
        }

        using TestNode master = TestNode.Master(
            node =>
            {
                Protect(node, Passwords[0], null);
                node.AcceptedPasswords.Add(Passwords[1]);
            },
            log);
        master.Set("k", [1]);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 8);
        using TestNode replica = TestNode.Replica(
            proxy.EndPoint.ToString(),
            node =>
            {
                Protect(node, Passwords[3], Passwords[0]);
                node.Listen.Add("127.0.0.1:0");
            },
            log).WaitForStreaming();
        using TestNode rotated = TestNode.Replica(master.EndPoint, node => Protect(node, Passwords[1], null), log).WaitForStreaming();
        using TestNode wrong = TestNode.Replica(master.EndPoint, node => Protect(node, Passwords[2], null), log);
        using TestNode missing = TestNode.Replica(master.EndPoint, node => Protect(node, null, null), log);
        using TestNode chained = TestNode.Replica(replica.EndPoint, node => Protect(node, Passwords[3], null), log).WaitForStreaming();

        // Every way in which a link fails, and what the callers see of it.
        wrong.WaitFor(info => info.LinkDownReason is not null, "refused");
        missing.WaitFor(info => info.LinkDownReason is not null, "refused");
        proxy.ToClient.FlipAt = 30;
        proxy.ResetAll();
        replica.WaitUntil(() => proxy.Statistics.BitsFlipped == 1, () => "a bit is flipped").WaitForStreaming();
        proxy.Stall(true);
        replica.WaitFor(info => info.LinkDownSince is not null, "the link is found dead");
        proxy.Stall(false);
        replica.WaitForStreaming();
        told.AppendLine(Record.Exception(() => replica.Set("k", [2]))!.ToString());
        told.AppendLine(Record.Exception(() => TestNode.Start(
            node =>
            {
                Protect(node, Passwords[0], null);
                node.Role = ReplicationRole.Master;
                node.Listen.Add(master.EndPoint);
            },
            log))!.ToString());
        told.AppendLine(Record.Exception(() => Protocol.PasswordKey.Create(string.Concat(Enumerable.Repeat(Passwords[0], 40))))!.ToString());
        replica.Node.Promote(new PromotionOptions());
        rotated.Node.ReplicateFrom(replica.EndPoint);
        rotated.WaitFor(info => info.LinkDownReason?.Contains("password", StringComparison.Ordinal) == true, "the promoted node has another password");

        foreach (TestNode node in new[] { master, replica, rotated, wrong, missing, chained })
        {
            told.AppendLine(node.Info.ToString()).AppendLine(node.Info.ToRedisText()).AppendLine(node.Node.Core.Settings.ToString());
        }

        options.ForEach(node => told.AppendLine(node.ToString()).AppendLine(System.Text.Json.JsonSerializer.Serialize(node)));
        Array.ForEach([chained, missing, wrong, rotated, replica, master], node => node.Node.Stop(TimeSpan.Zero));
        told.AppendLine(log.Text);
        foreach (string password in Passwords)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(password);
            AssertNotTold(password);
            AssertNotTold(Convert.ToBase64String(bytes));
            AssertNotTold(Convert.ToHexString(bytes));
            AssertNotTold(Convert.ToHexString(SHA256.HashData(bytes)));
        }

        // The log is not silent either: it would prove nothing then.
        Assert.True(log.Contains("WrongPassword") && log.Contains("PasswordRequired"), log.Text);
        void AssertNotTold(string secret) => Assert.DoesNotContain(secret, told.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
