using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>What a <see cref="MasterSession"/> does while its replica offers data instead of getting it. Called under the gate.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The transfer is disposed of when it ends, which it does at the latest with its session.")]
internal sealed class OfferSession(NodeCore node, MasterSession session)
{
    private RecoveryTransfer? _transfer;

    /// <summary>The transfer that runs over this session, or null.</summary>
    public RecoveryTransfer? Transfer => _transfer;

    /// <summary>Begins a transfer.</summary>
    /// <returns>What to send.</returns>
    public RecoveryRequestFrame Begin(RecoveryTransfer transfer)
    {
        _transfer = transfer;
        return transfer.Request;
    }

    /// <exception cref="ProtocolException">The frame cannot come here.</exception>
    public void Receive(FrameType type, in ReadOnlySequence<byte> payload, Moment now)
    {
        if (type == FrameType.RecoveryOffer)
        {
            ReceiveOffer(RecoveryCandidate.From(FramePayload.Read<RecoveryOfferFrame>(payload)), now);
            return;
        }

        if (_transfer is null)
        {
            throw new ProtocolException($"A {type} frame cannot come while nothing is asked for.");
        }

        TransferResult result = _transfer.Receive(type, payload, now);
        if (result != TransferResult.UnderWay)
        {
            End(result, now);
        }
    }

    /// <summary>The connection is over. Nothing is decided here, because it may be one of many that are being closed; the next tick does.</summary>
    public void Close(Moment now)
    {
        IReadOnlyList<RunId> holders = node.Offers.Remove(session);
        node.Recovery?.HoldersLeft(holders, now);
        if (_transfer is not null)
        {
            End(TransferResult.Broken, now);
        }
    }

    private void ReceiveOffer(RecoveryCandidate candidate, Moment now)
    {
        if (candidate.IsGivenUp && !session.KnowsGivenUpOffers)
        {
            throw new ProtocolException("Data that an order has given up cannot be offered without the capability for it.");
        }

        _transfer?.NoteProgress(now);
        node.Events.RecoveryOffered(session.Peer, candidate);
        if (node.Offers.Put(session, candidate))
        {
            node.OfferCollector?.OfferCame(candidate, now);
        }
    }

    private void End(TransferResult result, Moment now)
    {
        _transfer!.Dispose();
        _transfer = null;
        node.OfferCollector?.TransferEnded(session, result, now);
    }
}
