using System.Buffers;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Tests.Replication.Robustness;

/// <summary>What the application's logging does must not reach the cache: messages are written by a thread of their own.</summary>
public sealed class BlockedLogTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Node_LoggingProviderBlocks_WritesReadsAndChangesOfRoleGoOn()
    {
        using var loggers = new BlockedLoggers();
        using var node = new ReplicatedNode(new ReplicatedCacheOptions { Role = ReplicationRole.Master, Listen = { "127.0.0.1:0" } }, TimeProvider.System, loggers);
        node.Start();
        Assert.True(loggers.Entered.Wait(Patience), "Nothing was logged.");

        var value = new ReadOnlySequence<byte>(new byte[1]);
        node.Set("key", value, default);
        node.ReplicateFrom("127.0.0.1:1");
        node.Promote(new PromotionOptions());
        node.Set("key", value, default);
        Assert.NotNull(node.Get("key"));
        Assert.Equal(ReplicationRole.Master, node.GetReplicationInfo().Role);

        loggers.Release.Set();
        node.Stop(TimeSpan.Zero);
        Assert.Equal(["Master", "Replica", "Master"], loggers.Roles);
        Assert.Equal(1003, loggers.LastId);
    }

    private sealed class BlockedLoggers : ILoggerFactory, ILogger
    {
        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public List<string> Roles { get; } = [];

        public int LastId { get; private set; }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel)
        {
            Entered.Set();
            return Release.Wait(Patience);
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            LastId = eventId.Id;
            if (eventId.Id == 1800)
            {
                Roles.Add(((IReadOnlyList<KeyValuePair<string, object?>>)state!)[0].Value!.ToString()!);
            }
        }

        public void Dispose()
        {
            Entered.Dispose();
            Release.Dispose();
        }
    }
}
