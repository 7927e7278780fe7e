using System.Buffers;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.Tests.Replication;

public sealed class OffsetMarkersTests
{
    [Fact]
    public void Emit_BeforeAMarker_WritesNothing()
    {
        var markers = new OffsetMarkers();
        markers.Add(10, MarkerKinds.Digest, [1]);
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(MarkerKinds.None, markers.Emit(9, output));
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal(10, markers.NextOffset);
    }

    [Fact]
    public void Emit_PastAMarker_ThrowsInsteadOfHoldingUpAllThatFollow()
    {
        var markers = new OffsetMarkers();
        markers.Add(10, MarkerKinds.SnapshotEnd, [1]);
        var output = new ArrayBufferWriter<byte>();

        Assert.Throws<InvalidOperationException>(() => markers.Emit(11, output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Emit_SeveralAtOneOffset_WritesAllInOrderOfArrival()
    {
        var markers = new OffsetMarkers();
        markers.Add(10, MarkerKinds.SnapshotEnd, [1]);
        markers.Add(10, MarkerKinds.HistoryChanged, [2]);
        markers.Add(11, MarkerKinds.Digest, [3]);
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(MarkerKinds.SnapshotEnd | MarkerKinds.HistoryChanged, markers.Emit(10, output));
        Assert.Equal([1, 2], output.WrittenSpan.ToArray());
        Assert.Equal(11, markers.NextOffset);
    }

    [Fact]
    public void NextOffset_WithoutMarkers_LimitsNothing()
    {
        var markers = new OffsetMarkers();

        Assert.True(markers.IsEmpty);
        Assert.Equal(long.MaxValue, markers.NextOffset);
    }
}
