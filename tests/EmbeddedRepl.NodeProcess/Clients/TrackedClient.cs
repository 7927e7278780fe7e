using System.Globalization;
using EmbeddedRepl.Facade;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>
/// One caller on one node: draws operations, calls them one after the other, and logs each before and after. It decides nothing about what it sees; whoever reads
/// the logs of all nodes does.
/// </summary>
internal sealed class TrackedClient(IReplicatedCache cache, PlaceObserver places, OperationLog log, TokenBoard board, ClientSettings settings, int number)
{
    private const int LongestExpiration = 2_000;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();
    private static readonly TimeSpan TokenPatience = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan AckPatience = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(settings.Seed + (number * 7919) + (settings.Life * 104_729));
    private int _operations;

    /// <summary>Calls one operation, whichever it is.</summary>
    public void Step()
    {
        string key = $"k{_random.Next(settings.Keys)}";
        switch (_random.Next(1000))
        {
            case < 400:
                Read(key);
                break;
            case < 430:
                Read($"e{_random.Next(Math.Max(1, settings.Keys / 10))}");
                break;
            case < 650:
                Write(key);
                break;
            case < 680:
                WriteExpiring($"e{_random.Next(Math.Max(1, settings.Keys / 10))}");
                break;
            case < 730:
                Remove(key);
                break;
            case < 880:
                Count($"c{_random.Next(Math.Max(1, settings.Keys / 10))}");
                break;
            case < 900:
                RemoveIfUnchanged(key);
                break;
            case < 999:
                ReadWithToken();
                break;
            default:
                if (_random.Next(4) == 0)
                {
                    Clear();
                }

                break;
        }
    }

    /// <summary>Reads a key between two looks at where the node stands.</summary>
    public CacheEntry? Read(string key)
    {
        NodePlace before = places.Now;
        long began = MonotonicClock.Now;
        CacheEntry? entry = cache.GetEntry(key);
        string version = entry is null ? "-" : entry.Version.Offset.ToString(CultureInfo.InvariantCulture);
        string value = entry is null ? "-" : OperationValue.Read(key, entry.Value) is { } operation ? operation.ToString("x", CultureInfo.InvariantCulture) : "!";
        log.Read(began, number, key, before, places.Now, version, value);
        return entry;
    }

    private void Write(string key)
    {
        long operation = Next();
        byte[] value = OperationValue.Create(key, operation, DrawSize());
        bool isWritten = Call(operation, 'S', key, 0, () =>
        {
            cache.Set(key, value, NoExpiration);
            return true;
        });
        if (isWritten && cache.Role == ReplicationRole.Master && _random.Next(4) == 0)
        {
            WaitForReplicas(operation);
        }

        if (isWritten && _random.Next(4) == 0)
        {
            Read(key);
        }
    }

    private void WriteExpiring(string key)
    {
        long operation = Next();
        byte[] value = OperationValue.Create(key, operation, DrawSize());
        int milliseconds = _random.Next(1, LongestExpiration);
        Call(operation, 'S', key, milliseconds, () =>
        {
            cache.Set(key, value, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(milliseconds) });
            return true;
        });
    }

    private void Remove(string key)
    {
        bool isRemoved = Call(Next(), 'R', key, 0, () =>
        {
            cache.Remove(key);
            return true;
        });
        if (isRemoved)
        {
            Read(key);
        }
    }

    private void Count(string key)
    {
        CacheEntry? entry = Read(key);
        EntryVersion expected = entry?.Version ?? EntryVersion.None;
        long operation = Next();
        byte[] value = OperationValue.Create(key, operation, OperationValue.MinSize);
        Call(operation, 'C', key, expected.Offset, () => cache.CompareAndSet(key, value, expected, NoExpiration) is not null);
    }

    private void RemoveIfUnchanged(string key)
    {
        if (Read(key) is { } entry)
        {
            Call(Next(), 'D', key, entry.Version.Offset, () => cache.CompareAndRemove(key, entry.Version));
        }
    }

    private void Clear() => Call(Next(), 'X', "*", 0, () =>
    {
        cache.Clear();
        return true;
    });

    private void ReadWithToken()
    {
        if (board.Take(_random) is not var (token, key) || !cache.WaitFor(token, TokenPatience))
        {
            return;
        }

        if (ConsistencyToken.TryParse(token, out StreamPosition position, out _))
        {
            log.TokenReached(number, position, places.Now);
            Read(key);
        }
    }

    private void WaitForReplicas(long operation)
    {
        try
        {
            log.Acknowledged(operation, cache.WaitForReplicas(_random.Next(1, 4), AckPatience));
        }
        catch (ReplicatedCacheException)
        {
            // Demoted or stopped: nobody has promised anything.
        }
    }

    private bool Call(long operation, char kind, string key, long expected, Func<bool> call)
    {
        log.Invoked(operation, kind, key, expected);
        using ConsistencyScope scope = cache.TrackWrites();
        try
        {
            bool isDone = call();
            StreamPosition? place = scope.Token is { } token && ConsistencyToken.TryParse(token, out StreamPosition position, out _) ? position : null;
            log.Ended(operation, isDone ? "ok" : "conflict", place);
            if (isDone && scope.Token is { } posted && key != "*")
            {
                board.Post($"{settings.Node}-{number}", posted, key);
            }

            return isDone;
        }
        catch (WriteOutcomeUnknownException exception)
        {
            log.Ended(operation, exception.WasApplied ? "applied" : "unknown", null);
        }
        catch (Exception exception) when (exception is MasterUnreachableException or ReadOnlyReplicaException or NotEnoughReplicasException or RecoveringMasterException)
        {
            log.Ended(operation, "not", null);
            Thread.Sleep(_random.Next(20));
        }
        catch (ReplicatedCacheException)
        {
            // Stopping, refused by the master for a reason of its own, too many waiting: nothing is claimed about any of them.
            log.Ended(operation, "unknown", null);
            Thread.Sleep(_random.Next(20));
        }

        return false;
    }

    private long Next() => OperationId.Of(settings.Node, settings.Life, number, ++_operations);

    private int DrawSize() => _random.Next(100) switch
    {
        < 70 => _random.Next(OperationValue.MinSize, 400),
        < 97 => _random.Next(400, 8_000),
        _ => _random.Next(8_000, 150_000),
    };
}
