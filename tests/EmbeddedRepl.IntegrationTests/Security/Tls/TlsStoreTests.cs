using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Roles;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.IntegrationTests.Security.Tls;

/// <summary>A certificate from the store of the current user.</summary>
public sealed class TlsStoreTests : IDisposable
{
    private const int Renewed = 2201;
    private const int NotUsable = 2202;

    private readonly TlsFiles _files = new();
    private readonly UserStore _store = new();
    private readonly TraceLog _log = new();

    public void Dispose()
    {
        _log.Dispose();
        _store.Dispose();
        _files.Dispose();
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("subject")]
    [InlineData("subject in other letters")]
    [InlineData("subject with its kind")]
    [InlineData("part of the subject")]
    [InlineData("thumbprint")]
    [InlineData("thumbprint as openssl prints it")]
    [InlineData("thumbprint as Windows shows it")]
    public void Certificate_OfTheStore_IsFoundAndServesAReplica(string by)
    {
        X509Certificate2 installed = _store.Add(Issue());
        using TestNode master = TestNode.Master(options =>
        {
            options.Tls.Listener = true;
            string thumbprint = installed.Thumbprint;
            ReplicatedCacheCertificateOptions certificate = options.Tls.Certificate;
            switch (by)
            {
                case "subject":
                    certificate.Subject = _store.Subject;
                    break;
                case "subject in other letters":
                    certificate.Subject = _store.Subject.ToUpperInvariant();
                    break;
                case "subject with its kind":
                    certificate.Subject = "CN=" + _store.Subject;
                    break;
                case "part of the subject":
                    certificate.Subject = _store.Subject[^32..^1];
                    break;
                case "thumbprint":
                    certificate.Thumbprint = thumbprint;
                    break;
                case "thumbprint as openssl prints it":
                    certificate.Thumbprint = string.Join(':', thumbprint.Chunk(2).Select(pair => new string(pair)));
                    break;
                default:
                    certificate.Thumbprint = "\u200E" + string.Join(' ', thumbprint.ToUpperInvariant().Chunk(2).Select(pair => new string(pair)));
                    break;
            }
        });
        master.Set("before", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, _files.Link).WaitForStreaming();
        master.Set("after", [2]);

        replica.WaitUntilIdenticalTo(master);
        Assert.Equal((2, installed.Thumbprint), (replica.Info.EntryCount, Shown(master)));
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_OfTheStoreOfAReplica_IsShownToAMasterThatDemandsOne()
    {
        _store.Add(Issue());
        using TestNode master = TestNode.Master(options =>
        {
            _files.Listener(options);
            _files.DemandClientCertificate(options);
        });
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options =>
        {
            _files.Link(options);
            options.Tls.Certificate.Subject = _store.Subject;
        });

        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_OfAnIntermediateInTheStore_IsSentWithIt()
    {
        using TestAuthority intermediate = _files.Authority.Intermediate(_store.Subject + "-issuer");
        _store.Add(intermediate.Certificate, StoreName.CertificateAuthority, withKey: false);
        _store.Add(intermediate.Issue([_store.Subject, "localhost", "127.0.0.1"]));
        using TestNode master = Master();

        using TestNode replica = TestNode.Replica(master.EndPoint, _files.Link);
        replica.WaitForStreaming().WaitUntilIdenticalTo(master);

        // The replica is on the same machine, and might have found the intermediate in the store by itself.
        int sent = 0;
        using SslStream stream = TlsFiles.Connect(master.EndPoint, client => client.RemoteCertificateValidationCallback = (_, _, chain, _) =>
        {
            sent = chain!.ChainPolicy.ExtraStore.Count(certificate => certificate.Thumbprint == intermediate.Certificate.Thumbprint);
            return true;
        });
        Assert.Equal(1, sent);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("valid for longer")]
    [InlineData("to the same end")]
    public void Certificate_RenewedInTheStore_IsShownToNewReplicasAndExistingLinksStay(string kind)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(30);
        X509Certificate2 first = _store.Add(IssueUntil(end, begunDaysAgo: 9));
        using TestNode master = Master();
        master.Set("k", [1]);
        using TestNode replica = TestNode.Replica(master.EndPoint, _files.Link).WaitForStreaming();
        Assert.Equal(first.Thumbprint, Shown(master));

        X509Certificate2 second = _store.Add(IssueUntil(kind == "to the same end" ? end : end.AddDays(1), begunDaysAgo: 1));

        TestNode.Wait(() => Shown(master) == second.Thumbprint, () => _log.Text);
        Assert.Equal(second.NotAfter.ToUniversalTime(), master.Info.CertificateNotAfter!.Value.UtcDateTime);
        UserStore.Remove(first);
        using TestNode late = TestNode.Replica(master.EndPoint, _files.Link).WaitForStreaming();
        master.Set("k", [2]);
        replica.WaitUntilIdenticalTo(master);
        late.WaitUntilIdenticalTo(master);
        Assert.Equal((0, 2), (replica.Info.LinkFailures, master.Info.SyncFull));
        Assert.Equal((1, 0), (_log.CountOf(Renewed), _log.CountOf(NotUsable)));
    }

    [Fact]
    [Trait("Behaviour", "F7")]
    public void Certificate_ThatIsNotValidYet_IsTakenWhenItIs()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var clock = new SettableClock(now);
        X509Certificate2 first = _store.Add(Issue());
        X509Certificate2 next = _store.Add(Issue(days: 60, notBefore: now.AddDays(2)));
        using TestNode master = Master(clock);
        Assert.Equal(first.Thumbprint, Shown(master));

        clock.Now = now.AddDays(3);

        TestNode.Wait(() => Shown(master) == next.Thumbprint, () => _log.Text);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("ends sooner")]
    [InlineData("is expired")]
    [InlineData("is not valid yet")]
    [InlineData("has no key")]
    [InlineData("is for replicas only")]
    [InlineData("has the name as a part of its own")]
    public void Certificate_OfSeveralWithTheSubject_IsTheOneThatServes(string other)
    {
        X509Certificate2 right = Issue();
        X509Certificate2 wrong = other switch
        {
            "ends sooner" => Issue(days: 20),
            "is expired" => Issue(days: -1),
            "is not valid yet" => Issue(days: 60, notBefore: DateTimeOffset.UtcNow.AddDays(2)),
            "is for replicas only" => _files.Authority.Issue([_store.Subject, "localhost", "127.0.0.1"], days: 60, isForServers: false),
            "has the name as a part of its own" => _files.Authority.Issue([_store.Subject + "0", "localhost", "127.0.0.1"], days: 60),
            _ => Issue(days: 60),
        };
        _store.Add(wrong, withKey: other != "has no key");
        _store.Add(right);
        using TestNode master = Master();
        master.Set("k", [1]);

        Assert.Equal(right.Thumbprint, Shown(master));
        using TestNode replica = TestNode.Replica(master.EndPoint, _files.Link);
        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("none", "Certificate:Subject '{0}' finds no certificate in the certificate store CurrentUser/My; install it there with its private key")]
    [InlineData("none of the thumbprint", "Certificate:Thumbprint '{0}' finds no certificate in the certificate store CurrentUser/My")]
    [InlineData("no key", "Certificate:Subject '{0}' finds 'CN={0}' in the certificate store CurrentUser/My, but not its private key; install it there together with its key")]
    [InlineData("of an algorithm that TLS has no use for", "Certificate:Subject '{0}' finds 'CN={0}' in the certificate store CurrentUser/My, which cannot be used: ")]
    [InlineData("no such store", "Certificate:Store 'Nowhere' at Certificate:Location CurrentUser cannot be opened")]
    [InlineData("no thumbprint", "Certificate:Thumbprint must be the SHA-1 thumbprint of a certificate, 40 hexadecimal digits, but is 'ab12'")]
    public void Service_CertificateThatIsNotThere_DoesNotStartAndNamesTheKey(string kind, string message)
    {
        _store.Add(_files.Authority.Issue(["other-" + _store.Subject.Replace("test", "tested", StringComparison.Ordinal)]));
        (string Key, string Value) place = ("Tls:Certificate:Subject", _store.Subject);
        switch (kind)
        {
            case "none of the thumbprint":
                place = ("Tls:Certificate:Thumbprint", Issue().Thumbprint);
                break;
            case "no key":
                _store.Add(Issue(), withKey: false);
                break;
            case "of an algorithm that TLS has no use for":
                _store.Add(_files.Authority.IssueUnusable(_store.Subject));
                break;
            case "no thumbprint":
                place = ("Tls:Certificate:Thumbprint", "ab12");
                break;
        }

        Exception error = Assert.ThrowsAny<Exception>(() => ReloadedService.Start(
            ("Role", "Master"), ("Listen:0", "127.0.0.1:0"), ("Tls:Listener", "true"), place, ("Tls:Certificate:Store", kind == "no such store" ? "Nowhere" : "My")));

        string expected = message.Replace("{0}", place.Value, StringComparison.Ordinal);
        Assert.StartsWith("ReplicatedCache:Tls:" + expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData(typeof(InvalidOperationException))] // A user without a home directory, on Linux.
    [InlineData(typeof(PlatformNotSupportedException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(CryptographicException))]
    public void Store_ThatCannotBeRead_IsSaidWithTheSettingAtTheStartAndOnceAfterwards(Type kind)
    {
        bool fails = true;
        X509Certificate2Collection Read() => fails ? throw (Exception)Activator.CreateInstance(kind)! : [new X509Certificate2(_files.Authority.Certificate)];
        StoreCertificateSource Load() => new(new CertificateLocation { Subject = "Test Root" }, CertificateUse.Listener, TimeProvider.System, Read);

        string refused = Assert.Throws<TlsSettingException>(Load).Message;
        fails = false;
        StoreCertificateSource source = Load();
        fails = true;
        TlsNotice?[] notices = [source.Refresh(), source.Refresh(), source.Refresh()];

        Assert.StartsWith("Tls:Certificate:Store 'My' at Certificate:Location CurrentUser cannot be opened: ", refused, StringComparison.Ordinal);
        Assert.Equal([null, refused, null], notices.Select(notice => notice?.Problem));
        Assert.Equal(_files.Authority.Certificate.Thumbprint, source.Current.Thumbprint);
    }

    [Theory]
    [Trait("Behaviour", "F7")]
    [InlineData("gone", "finds no certificate in")]
    [InlineData("unusable", "which cannot be used")]
    public void Certificate_RenewedByNone_LeavesTheOldInUseWithOneWarningAndHeals(string kind, string problem)
    {
        X509Certificate2 first = _store.Add(Issue());
        using TestNode master = Master();
        X509Certificate2? unusable = null;
        if (kind == "gone")
        {
            UserStore.Remove(first);
        }
        else
        {
            unusable = _store.Add(_files.Authority.IssueUnusable(_store.Subject));
        }

        master.WaitUntil(() => _log.CountOf(NotUsable) > 0, () => _log.Text);
        Assert.True(_log.Contains("Warning 2202", problem, "Tls:Certificate:Subject '" + _store.Subject), _log.Text);

        // Whoever looks again finds the same, and says nothing: some looks of 10 ms pass while so many connect.
        long looks = 0;
        TestNode.Wait(() => Shown(master) == first.Thumbprint && ++looks > 400, () => "it stays in use");
        Assert.Equal((0, 1), (master.Info.EntryCount, _log.CountOf(NotUsable)));
        if (unusable is not null)
        {
            UserStore.Remove(unusable);
        }

        X509Certificate2 second = _store.Add(Issue(days: 90));
        TestNode.Wait(() => Shown(master) == second.Thumbprint, () => _log.Text);
        Assert.Equal(1, _log.CountOf(NotUsable));
    }

    private static string Shown(TestNode master)
    {
        using SslStream stream = TlsFiles.Connect(master.EndPoint);
        return new X509Certificate2(stream.RemoteCertificate!).Thumbprint;
    }

    private TestNode Master(TimeProvider? time = null) => TestNode.Master(
        options =>
        {
            options.Tls.Listener = true;
            options.Tls.Certificate.Subject = _store.Subject;
            options.Tls.ReloadInterval = TimeSpan.FromMilliseconds(10);
        },
        _log,
        time);

    private X509Certificate2 Issue(double days = 30, DateTimeOffset? notBefore = null) =>
        _files.Authority.Issue([_store.Subject, "localhost", "127.0.0.1"], days, notBefore: notBefore);

    private X509Certificate2 IssueUntil(DateTimeOffset end, int begunDaysAgo) =>
        _files.Authority.Issue([_store.Subject, "localhost", "127.0.0.1"], notBefore: DateTimeOffset.UtcNow.AddDays(-begunDaysAgo), notAfter: end);
}
