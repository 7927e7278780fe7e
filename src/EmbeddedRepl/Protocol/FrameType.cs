namespace EmbeddedRepl.Protocol;

/// <summary>What a frame carries; the numbers are the wire's. R→M is sent by the replica, M→R by the master.</summary>
internal enum FrameType : byte
{
    /// <summary>R→M, the first frame: <see cref="HelloFrame"/>.</summary>
    Hello = 0x01,

    /// <summary>M→R: <see cref="HelloReplyFrame"/>.</summary>
    HelloReply = 0x02,

    /// <summary>R→M: <see cref="AuthenticateFrame"/>.</summary>
    Authenticate = 0x03,

    /// <summary>M→R: <see cref="AuthenticatedFrame"/>.</summary>
    Authenticated = 0x04,

    /// <summary>R→M: <see cref="IdentifyFrame"/>.</summary>
    Identify = 0x05,

    /// <summary>M→R: <see cref="IdentifiedFrame"/>.</summary>
    Identified = 0x06,

    /// <summary>R→M: <see cref="SyncRequestFrame"/>.</summary>
    SyncRequest = 0x10,

    /// <summary>M→R: <see cref="ContinueFrame"/>.</summary>
    Continue = 0x11,

    /// <summary>M→R: <see cref="FullSyncOfferFrame"/>.</summary>
    FullSyncOffer = 0x12,

    /// <summary>R→M: <see cref="FullSyncAcceptFrame"/>.</summary>
    FullSyncAccept = 0x13,

    /// <summary>R→M: <see cref="FullSyncRefuseFrame"/>.</summary>
    FullSyncRefuse = 0x14,

    /// <summary>M→R: <see cref="FullSyncWaitFrame"/>.</summary>
    FullSyncWait = 0x15,

    /// <summary>M→R, in a recovery R→M: <see cref="FullSyncStartFrame"/>.</summary>
    FullSyncStart = 0x16,

    /// <summary>M→R, in a recovery R→M: raw bytes of the snapshot, <see cref="SnapshotChunkFrame"/>.</summary>
    SnapshotChunk = 0x17,

    /// <summary>M→R, in a recovery R→M: <see cref="SnapshotEndFrame"/>.</summary>
    SnapshotEnd = 0x18,

    /// <summary>M→R, in a recovery R→M: raw bytes of the replication stream, <see cref="StreamChunkFrame"/>.</summary>
    StreamChunk = 0x20,

    /// <summary>M→R: <see cref="HeartbeatFrame"/>.</summary>
    Heartbeat = 0x21,

    /// <summary>R→M: <see cref="AckFrame"/>.</summary>
    Ack = 0x22,

    /// <summary>M→R: <see cref="HistoryChangedFrame"/>.</summary>
    HistoryChanged = 0x23,

    /// <summary>M→R: <see cref="UpstreamChangedFrame"/>.</summary>
    UpstreamChanged = 0x24,

    /// <summary>R→M: <see cref="WriteRequestFrame"/>.</summary>
    WriteRequest = 0x30,

    /// <summary>M→R: <see cref="WriteReplyFrame"/>.</summary>
    WriteReply = 0x31,

    /// <summary>R→M: <see cref="TouchRequestFrame"/>.</summary>
    TouchRequest = 0x32,

    /// <summary>R→M: <see cref="RecoveryOfferFrame"/>.</summary>
    RecoveryOffer = 0x40,

    /// <summary>M→R: <see cref="RecoveryRequestFrame"/>.</summary>
    RecoveryRequest = 0x41,

    /// <summary>R→M: <see cref="RecoveryEndFrame"/>.</summary>
    RecoveryEnd = 0x42,

    /// <summary>M→R: <see cref="NotNowFrame"/>.</summary>
    NotNow = 0x50,

    /// <summary>Both directions, the last frame: <see cref="ErrorFrame"/>.</summary>
    Error = 0x51,
}
