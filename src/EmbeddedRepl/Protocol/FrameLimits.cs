namespace EmbeddedRepl.Protocol;

/// <summary>The largest payloads, in bytes. A frame that announces more is refused as soon as its length is there, before it is buffered.</summary>
internal static class FrameLimits
{
    /// <summary>Until the peer is authenticated: enough for a hello, a proof and an error.</summary>
    public const int BeforeAuthentication = 1 << 10;

    /// <summary>Every frame but those that carry data: enough for one touch with the largest key.</summary>
    public const int Control = 64 << 10;

    /// <summary>Bytes of stream, snapshot or forwarded operations in one frame.</summary>
    public const int DataBytes = 256 << 10;

    /// <summary>Frames that carry data: <see cref="DataBytes"/> and the fields beside them.</summary>
    public const int Data = DataBytes + 256;

    /// <summary>The largest payload that a frame of this type may have.</summary>
    /// <exception cref="ProtocolException"><paramref name="type"/> is unknown.</exception>
    public static int Of(FrameType type) => type switch
    {
        FrameType.Hello or FrameType.HelloReply or FrameType.Authenticate or FrameType.Authenticated or FrameType.Error => BeforeAuthentication,
        FrameType.SnapshotChunk or FrameType.StreamChunk or FrameType.WriteRequest => Data,
        FrameType.Identify or FrameType.Identified
            or FrameType.SyncRequest or FrameType.Continue
            or FrameType.FullSyncOffer or FrameType.FullSyncAccept or FrameType.FullSyncRefuse or FrameType.FullSyncWait
            or FrameType.FullSyncStart or FrameType.SnapshotEnd
            or FrameType.Heartbeat or FrameType.Ack or FrameType.HistoryChanged or FrameType.UpstreamChanged
            or FrameType.WriteReply or FrameType.TouchRequest
            or FrameType.RecoveryOffer or FrameType.RecoveryRequest or FrameType.RecoveryEnd
            or FrameType.NotNow => Control,
        _ => throw new ProtocolException($"Frame type 0x{(byte)type:x2} is unknown."),
    };
}
