using EmbeddedRepl.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class OptionsValidatorTests
{
    private const string Secret = "hunter2-hunter2";

    /// <summary>Each number and duration: its name, the ends of its range, and the smallest step beyond.</summary>
    public static TheoryData<string, object, object, object> Ranges() => new()
    {
        { "AnnouncedPort", 0, 65_535, 1 },
        { "MaxReplicas", 1, 10_000, 1 },
        { "MaxPendingHandshakes", 1, 10_000, 1 },
        { "ExpectedReplicas", 0, 1000, 1 },
        { "MinReplicasToWrite", 0, 1000, 1 },
        { "MinReplicasMaxLag", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromTicks(1) },
        { "BacklogTimeToLive", TimeSpan.Zero, TimeSpan.FromDays(365), TimeSpan.FromTicks(1) },
        { "BacklogSize", 0L, 64L << 30, 1L },
        { "ReplicaOutputLimit", 64L << 10, 64L << 30, 1L },
        { "ReplicaOutputSoftLimit", 64L << 10, 64L << 30, 1L },
        { "MaxConcurrentFullSyncs", 1, 1000, 1 },
        { "ForwardBufferSize", 64L << 10, 64L << 30, 1L },
        { "MaxForwardedWrites", 1, 1_000_000, 1 },
        { "ForwardTimeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromTicks(1) },
        { "MaxKeySize", 1, ReplicatedCacheOptions.MaxKeySizeLimit, 1 },
        { "MaxValueSize", 1, ReplicatedCacheOptions.MaxValueSizeLimit, 1 },
        { "MemoryLimit", 16L << 20, 1L << 40, 1L },
        { "ReplicaOutputSoftTime", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), TimeSpan.FromTicks(1) },
        { "HeartbeatInterval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromTicks(1) },
        { "AckInterval", TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1), TimeSpan.FromTicks(1) },
        { "LinkTimeout", TimeSpan.FromMilliseconds(500), TimeSpan.FromDays(1), TimeSpan.FromTicks(1) },
        { "ConnectTimeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), TimeSpan.FromTicks(1) },
        { "HandshakeTimeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), TimeSpan.FromTicks(1) },
        { "ReconnectDelay", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5), TimeSpan.FromTicks(1) },
        { "SnapshotInterval", TimeSpan.Zero, TimeSpan.FromDays(7), TimeSpan.FromTicks(1) },
        { "SnapshotAfterChanges", 0L, 1_000_000_000_000L, 1L },
        { "RecoveryWindow", TimeSpan.Zero, TimeSpan.FromMinutes(10), TimeSpan.FromTicks(1) },
        { "RecoveryLimit", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), TimeSpan.FromTicks(1) },
        { "RecoveryWriteTimeout", TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromTicks(1) },
        { "ShutdownTimeout", TimeSpan.Zero, TimeSpan.FromMinutes(10), TimeSpan.FromTicks(1) },
        { "ReadyTimeout", TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromTicks(1) },
        { "MaxStaleness", TimeSpan.Zero, TimeSpan.FromDays(7), TimeSpan.FromTicks(1) },
    };

    [Fact]
    public void Defaults_AreValid()
    {
        Assert.Empty(Problems(new ReplicatedCacheOptions()));
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Number_AtTheEndsOfItsRange_IsValidAndOneStepBeyondIsNot(string name, object min, object max, object step)
    {
        Assert.Empty(Problems(With(name, min)));
        Assert.Empty(Problems(With(name, max)));
        Assert.Contains(Problems(With(name, Move(min, step, -1))), p => IsRangeMessage(p, name));
        Assert.Contains(Problems(With(name, Move(max, step, 1))), p => IsRangeMessage(p, name));
    }

    [Fact]
    public void EveryNumberAndDuration_HasARange()
    {
        IEnumerable<string> numbers = typeof(ReplicatedCacheOptions).GetProperties()
            .Where(p => p.PropertyType == typeof(int) || p.PropertyType == typeof(long) || p.PropertyType == typeof(TimeSpan))
            .Select(p => p.Name);

        Assert.Equal(numbers.Order(), Ranges().Select(row => (string)row[0]).Order());
    }

    [Fact]
    public void Message_OutOfRange_NamesTheKeyTheRangeAndTheValue()
    {
        string problem = Assert.Single(Problems(new ReplicatedCacheOptions { BacklogSize = -1 }));

        Assert.Equal("ReplicatedCache:BacklogSize must be between 0 and 68719476736 but is -1.", problem);
    }

    [Fact]
    public void ReplicaWrites_OfNoKnownValue_IsRefusedWithThoseThatAre()
    {
        string problem = Assert.Single(Problems(new ReplicatedCacheOptions { ReplicaWrites = (ReplicaWrites)7 }));

        Assert.Equal("ReplicatedCache:ReplicaWrites must be Reject or Forward but is 7", problem.TrimEnd('.'));
    }

    [Fact]
    public void Problems_SeveralAtATime_AreAllReported()
    {
        var options = new ReplicatedCacheOptions { BacklogSize = -1, MaxReplicas = 0, CacheName = string.Empty, Master = "a:b" };

        Assert.Equal(4, Problems(options).Count);
    }

    [Fact]
    public void Replica_WithoutMaster_IsRefused()
    {
        Refused("Master must be set", o => o.Role = ReplicationRole.Replica);
        Refused("Master must be set", o => (o.Role, o.Master) = (ReplicationRole.Replica, "  "));
    }

    [Fact]
    public void Master_WithMaster_IsRefused()
    {
        Refused("Master must not be set, because Role is Master", o => (o.Role, o.Master) = (ReplicationRole.Master, "10.0.0.5:6390"));
    }

    [Theory]
    [InlineData("127.0.0.1:6390", "127.0.0.1:6390")]
    [InlineData("localhost:6390", "127.0.0.1:6390")]
    [InlineData("localhost", "*:6390")]
    [InlineData("[::1]:6390", "0.0.0.0:6390")]
    [InlineData("Node-1:6390", "node-1:6390")]
    public void Replica_OfItself_IsRefused(string master, string listen)
    {
        Refused("Master must be another node", o =>
        {
            o.Master = master;
            o.Listen.Add(listen);
        });
    }

    [Theory]
    [InlineData("127.0.0.1:6391", "127.0.0.1:6390")]
    [InlineData("10.0.0.5:6390", "127.0.0.1:6390")]
    [InlineData("10.0.0.5:6390", "*:6390")]
    public void Replica_OfAnotherNode_IsValid(string master, string listen)
    {
        var options = new ReplicatedCacheOptions { Master = master };
        options.Listen.Add(listen);

        Assert.Empty(Problems(options));
    }

    [Theory]
    [InlineData("10.0.0.5:port")]
    [InlineData("10.0.0.5:70000")]
    [InlineData("10.0.0.5:0")]
    [InlineData("::1:6390")]
    [InlineData("*:6390")]
    [InlineData("http://10.0.0.5:6390")]
    [InlineData("two words:6390")]
    public void Master_NotAnAddress_IsRefused(string master)
    {
        Refused("Master '" + master + "' cannot be used: ", o => o.Master = master);
    }

    [Fact]
    public void Listen_NotAnAddress_IsRefusedWithItsIndex()
    {
        Refused("Listen:1 'nonsense:x' cannot be used: ", o =>
        {
            o.Role = ReplicationRole.Master;
            o.Listen.Add("127.0.0.1:6390");
            o.Listen.Add("nonsense:x");
        });
    }

    [Theory]
    [Trait("Behaviour", "F6")]
    [InlineData("*")]
    [InlineData("two words")]
    [InlineData("host:7400")]
    [InlineData("line\nbreak")]
    public void AnnouncedHost_NoHost_IsRefused(string host)
    {
        Refused("AnnouncedHost '" + host + "' cannot be used: ", o => o.AnnouncedHost = host);
        Assert.Empty(Problems(new ReplicatedCacheOptions { AnnouncedHost = "::1", AnnouncedPort = 7400 }));
    }

    [Fact]
    public void Listen_TooManyAddresses_IsRefused()
    {
        Refused("Listen must have at most 16 addresses but has 17", o =>
        {
            o.Role = ReplicationRole.Master;
            for (int i = 0; i < 17; i++)
            {
                o.Listen.Add($"127.0.0.1:{7000 + i}");
            }
        });
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public void Listen_OnAStandAloneNode_IsRefusedRatherThanIgnored()
    {
        Refused("Listen is set, but a node with neither Role nor Master stands alone", o => o.Listen.Add("127.0.0.1:6390"));
    }

    [Fact]
    public void Role_OfNoKind_IsRefused()
    {
        Refused("Role must be Master or Replica but is 7", o => o.Role = (ReplicationRole)7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("line\nbreak")]
    public void CacheName_EmptyOrWithControlCharacters_IsRefused(string name)
    {
        Refused("CacheName must have 1 to 128 characters", o => o.CacheName = name);
    }

    [Fact]
    public void CacheName_OfTheLargestLength_IsValidAndOneMoreIsNot()
    {
        Assert.Empty(Problems(new ReplicatedCacheOptions { CacheName = new string('n', 128) }));
        Refused("CacheName", o => o.CacheName = new string('n', 129));
    }

    [Fact]
    public void Password_AtItsLimitInBytes_IsValidAndBeyondIsNot()
    {
        Assert.Empty(Problems(new ReplicatedCacheOptions { Password = new string('ß', 256), MasterPassword = "x" }));
        Refused("Password must have 1 to 512 bytes in UTF-8 but has 514", o => o.Password = new string('ß', 257));
        Refused("MasterPassword must have 1 to 512 bytes in UTF-8 but has 513", o => o.MasterPassword = new string('x', 513));
        Refused("Password must have 1 to 512 bytes in UTF-8 but has 0", o => o.Password = string.Empty);
    }

    [Fact]
    public void AcceptedPasswords_TooManyOrEmptyOrWithoutPassword_AreRefused()
    {
        Refused("AcceptedPasswords must have at most 8", o => AddAccepted(o, "main", Enumerable.Repeat("other", 9)));
        Refused("AcceptedPasswords:1 must have 1 to 512 bytes", o => AddAccepted(o, "main", ["other", string.Empty]));
        Refused("AcceptedPasswords is set, but no Password is", o => AddAccepted(o, null, ["other"]));
    }

    [Fact]
    public void LinkTimeout_NotLongerThanTheHeartbeat_IsRefused()
    {
        Refused("LinkTimeout must be longer than HeartbeatInterval", o => o.LinkTimeout = o.HeartbeatInterval);
    }

    [Fact]
    public void ExpectedReplicas_MoreThanMayConnect_IsRefused()
    {
        Refused("ExpectedReplicas must be between 0 and 5 but is 6", o => (o.MaxReplicas, o.ExpectedReplicas) = (5, 6));
    }

    [Fact]
    public void MinReplicasToWrite_WhereItCannotBeMet_IsRefused()
    {
        Refused("MinReplicasToWrite must be between 0 and 5 but is 6", o => (o.Role, o.MaxReplicas, o.MinReplicasToWrite) = (ReplicationRole.Master, 5, 6));
        Refused("MinReplicasToWrite is set, but a node with neither Role nor Master stands alone", o => o.MinReplicasToWrite = 1);
        Refused(
            "MinReplicasMaxLag must be longer than AckInterval (00:00:01)",
            o => (o.Role, o.MinReplicasToWrite, o.MinReplicasMaxLag) = (ReplicationRole.Master, 1, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void ReadinessAndStaleness_SettingsThatContradictEachOther_AreRefused()
    {
        Refused("RequireReadyAtStart is set, but ReadyTimeout is not", o => o.RequireReadyAtStart = true);
        Refused("StaleReads is Miss, but MaxStaleness does not say what is stale", o => o.StaleReads = StaleReadBehavior.Miss);
        Refused("StaleReads must be Serve, Miss or Throw but is 7", o => o.StaleReads = (StaleReadBehavior)7);
        Refused("MaxStaleness must be longer than HeartbeatInterval (00:00:10)", o => o.MaxStaleness = o.HeartbeatInterval);
        Assert.Empty(Problems(new ReplicatedCacheOptions
        {
            MaxStaleness = TimeSpan.FromSeconds(11),
            StaleReads = StaleReadBehavior.Throw,
            ReadyTimeout = TimeSpan.FromSeconds(1),
            RequireReadyAtStart = true,
        }));
    }

    [Fact]
    [Trait("Behaviour", "F8")]
    public void Messages_WithWrongPasswords_NeverShowThem()
    {
        var options = new ReplicatedCacheOptions { Password = TooLong(Secret), MasterPassword = TooLong(Secret), MaxReplicas = 0 };
        AddAccepted(options, options.Password, [TooLong(Secret)]);

        List<string> problems = Problems(options);

        Assert.Equal(4, problems.Count);
        Assert.DoesNotContain(problems, p => p.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Options_OfAnotherCache_AreNotItsBusiness()
    {
        var validator = new OptionsValidator(Registration(string.Empty));

        Assert.True(validator.Validate("sessions", new ReplicatedCacheOptions { MaxReplicas = 0 }).Skipped);
    }

    private static string TooLong(string text) => string.Concat(Enumerable.Repeat(text, 60));

    private static void AddAccepted(ReplicatedCacheOptions options, string? password, IEnumerable<string> accepted)
    {
        options.Password = password;
        foreach (string other in accepted)
        {
            options.AcceptedPasswords.Add(other);
        }
    }

    private static bool IsRangeMessage(string problem, string name) =>
        problem.StartsWith($"ReplicatedCache:{name} must be between ", StringComparison.Ordinal);

    private static void Refused(string problem, Action<ReplicatedCacheOptions> configure)
    {
        var options = new ReplicatedCacheOptions();
        configure(options);
        Assert.Contains(Problems(options), p => p.StartsWith("ReplicatedCache:" + problem, StringComparison.Ordinal));
    }

    private static ReplicatedCacheOptions With(string name, object value)
    {
        // The others are out of the way, so that only the range in question can be at fault.
        var options = new ReplicatedCacheOptions { MaxReplicas = 1000, Role = ReplicationRole.Master };
        if (name == "LinkTimeout")
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
            options.AckInterval = TimeSpan.FromMilliseconds(50);
        }
        else
        {
            options.LinkTimeout = TimeSpan.FromDays(1);
        }

        typeof(ReplicatedCacheOptions).GetProperty(name)!.SetValue(options, value);
        return options;
    }

    private static object Move(object value, object step, int direction) => value switch
    {
        int i => i + (direction * (int)step),
        long l => l + (direction * (long)step),
        TimeSpan t => t + (direction * (TimeSpan)step),
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static CacheRegistration Registration(string name)
    {
        CacheRegistration.Add(new ServiceCollection(), name, out CacheRegistration registration);
        return registration;
    }

    private static List<string> Problems(ReplicatedCacheOptions options)
    {
        ValidateOptionsResult result = new OptionsValidator(Registration(string.Empty)).Validate(string.Empty, options);
        return [.. result.Failures ?? []];
    }
}
