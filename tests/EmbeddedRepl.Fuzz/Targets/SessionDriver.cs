using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>Gives frames of any type, and damaged ones, to an endpoint of a live core, and says how it ended.</summary>
internal static class SessionDriver
{
    /// <summary>A full sync announces its number of entries, which is believed up to <see cref="StoreLimits.MaxPresizedEntries"/>: so much may its index take at once, in bytes.</summary>
    public const long PresizedIndex = 16 * StoreLimits.MaxPresizedEntries;

    private const int MaxFrames = 12;

    private static readonly int[] Pauses = [1, 50, 1_000, 61_000];

    /// <summary>Gives some frames.</summary>
    /// <param name="peer">The other end of what is tested.</param>
    /// <param name="random">What is drawn from.</param>
    /// <param name="input">Keeps everything that was given, to be printed.</param>
    /// <param name="plausible">Writes a frame that fits to the state; or nothing.</param>
    public static void Play(ScriptedPeer peer, FuzzRandom random, InputBuffer input, Action<InputBuffer> plausible)
    {
        var frame = new InputBuffer();
        for (int i = random.Next(1, MaxFrames); i > 0 && !peer.Endpoint.IsClosed; i--)
        {
            frame.Clear();
            if (!random.OneIn(6))
            {
                plausible(frame);
            }

            if (frame.Length == 0)
            {
                FrameKinds.All[random.Next(FrameKinds.All.Count)].Write(frame, random);
            }

            if (random.OneIn(6))
            {
                FrameMutator.Mutate(frame, random);
            }

            input.Add(frame.Span);
            peer.GiveBytes(frame.Span);
            if (random.OneIn(3))
            {
                peer.TakeBytes();
            }

            if (random.OneIn(12))
            {
                peer.Node.Advance(Pauses[random.Next(Pauses.Length)]);
            }
        }

        peer.TakeBytes();
    }

    /// <summary>Does something in which the other end, which is the library's own code, may refuse what it gets.</summary>
    public static void Try(string kind, Coverage coverage, Action action)
    {
        try
        {
            action();
            coverage.Count(kind, "accepted");
        }
        catch (ProtocolException exception)
        {
            coverage.Refused(kind, exception.Message);
        }
    }

    /// <summary>Ends the session, and counts for what reason it ended.</summary>
    public static void End(ScriptedPeer peer, string kind, Coverage coverage)
    {
        PeerEndpoint endpoint = peer.Endpoint;
        if (endpoint.IsClosed)
        {
            coverage.Refused(kind, endpoint.CloseMessage);
            coverage.Count(kind, endpoint.ClosedFor.ToString());
        }
        else
        {
            coverage.Count(kind, "accepted");
            endpoint.Close(CloseReason.ConnectionLost, "The test is over.", peer.Node.Now);
        }

        peer.TakeBytes();
    }

    /// <summary>The running digest and count are what a recount finds.</summary>
    public static void CheckData(CoreNode node)
    {
        CacheStore store = node.Core.Data.Store;
        StoreDigest counted = store.Recount(out long count);
        if (counted != store.Digest || count != store.Count)
        {
            throw new FuzzFailedException($"The store has {store.Count} entries with digest {store.Digest}, counted anew {count} with {counted}.");
        }
    }

    /// <summary>Writes a frame.</summary>
    public static void Write<T>(InputBuffer output, T frame)
        where T : struct, IFrame<T> => FrameWriter.Write(output, frame);
}
