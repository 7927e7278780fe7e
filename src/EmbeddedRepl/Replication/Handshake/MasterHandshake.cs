using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Handshake;

/// <summary>
/// The accepting end of a handshake: versions, then passwords, then names and limits. Until the password is proved the peer
/// learns nothing but this node's version and that a password is wanted. Bytes in, bytes out; called under the gate.
/// </summary>
internal sealed class MasterHandshake(NodeSettings settings, RunId runId, INodeRandom random, Func<IReadOnlyList<RunId>> upstreamRunIds)
{
    private enum Step
    {
        AwaitingHello,
        AwaitingAuthenticate,
        AwaitingIdentify,
        Complete,
    }

    private readonly byte[] _nonce = new byte[ProtocolLimits.NonceSize];
    private byte[] _replicaNonce = [];
    private byte[] _transcript = [];
    private Step _step;

    public bool IsAuthenticated => _step > Step.AwaitingAuthenticate;

    public bool IsComplete => _step == Step.Complete;

    /// <summary>What the peer said of itself; set when the handshake is complete.</summary>
    public IdentifyFrame Peer { get; private set; }

    /// <summary>Whom the peer was told that this node follows; set when the handshake is complete.</summary>
    public IReadOnlyList<RunId> ToldUpstream { get; private set; } = [];

    /// <summary>What both ends can do beyond the core.</summary>
    public Capabilities Shared { get; private set; }

    /// <exception cref="ProtocolException">The peer is refused; the code and message are meant for it.</exception>
    public void Receive(FrameType type, in ReadOnlySequence<byte> payload, IBufferWriter<byte> output)
    {
        switch (_step)
        {
            case Step.AwaitingHello when type == FrameType.Hello:
                ReceiveHello(payload, output);
                break;
            case Step.AwaitingAuthenticate when type == FrameType.Authenticate:
                ReceiveAuthenticate(FramePayload.Read<AuthenticateFrame>(payload), output);
                break;
            case Step.AwaitingIdentify when type == FrameType.Identify:
                ReceiveIdentify(FramePayload.Read<IdentifyFrame>(payload), output);
                break;
            default:
                throw new ProtocolException($"A {type} frame cannot come while the handshake is {_step}.");
        }
    }

    private void ReceiveHello(in ReadOnlySequence<byte> payload, IBufferWriter<byte> output)
    {
        HelloFrame hello = FramePayload.Read<HelloFrame>(payload);
        HandshakeRules.CheckVersion(settings, hello);
        Shared = hello.Capabilities & settings.OfferedCapabilities;
        random.Fill(_nonce);
        _replicaNonce = hello.Nonce.ToArray();
        var reply = new HelloReplyFrame(HandshakeRules.MakeHello(settings, _nonce), DemandsPassword: settings.AcceptedPasswords.Count > 0);
        FrameWriter.Write(output, reply);
        _transcript = HandshakeTranscript.Hash(payload, new ReadOnlySequence<byte>(FramePayload.ToArray(reply)));
        _step = Step.AwaitingAuthenticate;
    }

    private void ReceiveAuthenticate(in AuthenticateFrame frame, IBufferWriter<byte> output)
    {
        byte[] answer = [];
        if (settings.AcceptedPasswords.Count > 0)
        {
            PasswordKey? password = FindProvedPassword(frame.Proof.Span);
            if (password is null)
            {
                throw frame.Proof.IsEmpty
                    ? new ProtocolException(ErrorCode.PasswordRequired, "A password is required. Set Password (or MasterPassword) on the replica.")
                    : new ProtocolException(ErrorCode.WrongPassword, "The password is wrong. Set Password (or MasterPassword) on the replica to the Password, or one of the AcceptedPasswords, of its master.");
            }

            answer = PasswordProof.Compute(password, ProofRole.Master, _replicaNonce, _nonce, _transcript);
        }
        else if (!frame.Proof.IsEmpty)
        {
            throw new ProtocolException(
                ErrorCode.PasswordNotDemanded,
                "The replica offers a password, but none is set here, so this node cannot prove that it is the right master. Set Password here too.");
        }

        FrameWriter.Write(output, new AuthenticatedFrame(answer));
        _step = Step.AwaitingIdentify;
    }

    private PasswordKey? FindProvedPassword(ReadOnlySpan<byte> proof)
    {
        PasswordKey? found = null;
        foreach (PasswordKey password in settings.AcceptedPasswords)
        {
            // All of them are tried, so that the time taken does not tell which one it was.
            byte[] expected = PasswordProof.Compute(password, ProofRole.Replica, _replicaNonce, _nonce, _transcript);
            if (PasswordProof.Matches(expected, proof))
            {
                found = password;
            }
        }

        return found;
    }

    private void ReceiveIdentify(in IdentifyFrame frame, IBufferWriter<byte> output)
    {
        IReadOnlyList<RunId> upstream = upstreamRunIds();
        HandshakeRules.CheckCacheName(settings.CacheName, frame.CacheName);
        if (frame.RunId == runId || upstream.Contains(frame.RunId))
        {
            throw new ProtocolException(ErrorCode.Cycle, "The peer is this node itself or one that this node replicates from: following it would close a cycle.");
        }

        // The replica must be able to hold whatever this node may accept; the reverse does not matter.
        if (frame.MaxKeySize < settings.MaxKeySize || frame.MaxValueSize < settings.MaxValueSize)
        {
            throw new ProtocolException(
                ErrorCode.LimitsDoNotFit,
                $"The replica takes keys up to {frame.MaxKeySize} and values up to {frame.MaxValueSize} bytes, but its master up to {settings.MaxKeySize} and {settings.MaxValueSize}. Raise MaxKeySize and MaxValueSize on the replica.");
        }

        var reply = new IdentifiedFrame(settings.CacheName, runId, [.. upstream], settings.MaxKeySize, settings.MaxValueSize, (int)settings.HeartbeatInterval);
        FrameWriter.Write(output, reply);
        Peer = frame;
        ToldUpstream = upstream;
        _step = Step.Complete;
    }
}
