using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Handshake;

/// <summary>
/// The connecting end of a handshake. It proves the password first and then demands the same proof of the master, so that
/// a stranger who took the master's address cannot hand out data. Bytes in, bytes out; called under the gate.
/// </summary>
internal sealed class ReplicaHandshake(NodeSettings settings, RunId runId, INodeRandom random, string? announcedHost, int announcedPort)
{
    private enum Step
    {
        NotStarted,
        AwaitingHelloReply,
        AwaitingAuthenticated,
        AwaitingIdentified,
        Complete,
    }

    private readonly byte[] _nonce = new byte[ProtocolLimits.NonceSize];
    private byte[] _helloPayload = [];
    private byte[] _masterNonce = [];
    private byte[] _transcript = [];
    private Step _step;

    /// <summary>What both ends can do beyond the core.</summary>
    public Capabilities Shared { get; private set; }

    public bool IsAuthenticated => _step > Step.AwaitingAuthenticated;

    public bool IsComplete => _step == Step.Complete;

    /// <summary>What the master said of itself; set when the handshake is complete.</summary>
    public IdentifiedFrame Peer { get; private set; }

    public void Start(IBufferWriter<byte> output)
    {
        random.Fill(_nonce);
        HelloFrame hello = HandshakeRules.MakeHello(settings, _nonce);
        FrameWriter.Write(output, hello);
        _helloPayload = FramePayload.ToArray(hello);
        _step = Step.AwaitingHelloReply;
    }

    /// <exception cref="ProtocolException">The master is refused; the message says why.</exception>
    public void Receive(FrameType type, in ReadOnlySequence<byte> payload, IBufferWriter<byte> output)
    {
        switch (_step)
        {
            case Step.AwaitingHelloReply when type == FrameType.HelloReply:
                ReceiveHelloReply(payload, output);
                break;
            case Step.AwaitingAuthenticated when type == FrameType.Authenticated:
                ReceiveAuthenticated(FramePayload.Read<AuthenticatedFrame>(payload), output);
                break;
            case Step.AwaitingIdentified when type == FrameType.Identified:
                ReceiveIdentified(FramePayload.Read<IdentifiedFrame>(payload));
                break;
            default:
                throw new ProtocolException($"A {type} frame cannot come while the handshake is {_step}.");
        }
    }

    private void ReceiveHelloReply(in ReadOnlySequence<byte> payload, IBufferWriter<byte> output)
    {
        HelloReplyFrame reply = FramePayload.Read<HelloReplyFrame>(payload);
        HandshakeRules.CheckVersion(settings, reply.Hello);
        Shared = reply.Hello.Capabilities & settings.OfferedCapabilities;
        if (reply.Hello.Nonce.Span.SequenceEqual(_nonce))
        {
            throw new ProtocolException("The master returned this node's own nonce: the handshake is being reflected.");
        }

        if (reply.DemandsPassword && settings.MasterPassword is null)
        {
            throw new ProtocolException(ErrorCode.PasswordRequired, "The master demands a password. Set MasterPassword (or Password) on this node.");
        }

        if (!reply.DemandsPassword && settings.MasterPassword is not null)
        {
            throw new ProtocolException(
                ErrorCode.PasswordNotDemanded,
                "The master demands no password, so it cannot prove that it is the right one. Set Password on the master, or remove MasterPassword (and Password) here.");
        }

        _masterNonce = reply.Hello.Nonce.ToArray();
        _transcript = HandshakeTranscript.Hash(new ReadOnlySequence<byte>(_helloPayload), payload);
        byte[] proof = [];
        if (settings.MasterPassword is { } password)
        {
            proof = PasswordProof.Compute(password, ProofRole.Replica, _nonce, _masterNonce, _transcript);
        }

        FrameWriter.Write(output, new AuthenticateFrame(proof));
        _step = Step.AwaitingAuthenticated;
    }

    private void ReceiveAuthenticated(in AuthenticatedFrame frame, IBufferWriter<byte> output)
    {
        if (settings.MasterPassword is { } password)
        {
            byte[] expected = PasswordProof.Compute(password, ProofRole.Master, _nonce, _masterNonce, _transcript);
            if (!PasswordProof.Matches(expected, frame.Proof.Span))
            {
                throw new ProtocolException(ErrorCode.WrongPassword, "The master could not prove that it knows the password: another process may have taken its address.");
            }
        }

        FrameWriter.Write(
            output, new IdentifyFrame(settings.CacheName, runId, settings.MaxKeySize, settings.MaxValueSize, announcedHost, announcedPort));
        _step = Step.AwaitingIdentified;
    }

    private void ReceiveIdentified(in IdentifiedFrame frame)
    {
        HandshakeRules.CheckCacheName(settings.CacheName, frame.CacheName);
        if (frame.RunId == runId || frame.UpstreamRunIds.Contains(runId))
        {
            throw new ProtocolException(ErrorCode.Cycle, "The master is this node itself, or replicates from it: following it would close a cycle.");
        }

        if (settings.MaxKeySize < frame.MaxKeySize || settings.MaxValueSize < frame.MaxValueSize)
        {
            throw new ProtocolException(
                ErrorCode.LimitsDoNotFit,
                $"The master takes keys up to {frame.MaxKeySize} and values up to {frame.MaxValueSize} bytes, this node only {settings.MaxKeySize} and {settings.MaxValueSize}. Raise MaxKeySize and MaxValueSize here.");
        }

        Peer = frame;
        _step = Step.Complete;
    }
}
