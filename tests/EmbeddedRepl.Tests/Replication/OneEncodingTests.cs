using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>A record is encoded once, however many replicas there are: what all of them are sent is the same memory.</summary>
public sealed class OneEncodingTests
{
    [Fact]
    public void Write_ManyReplicas_AreSentTheSameMemory()
    {
        CoreNode master = CoreNode.Master(new ManualTimeProvider());
        ScriptedReplica[] replicas = [.. Enumerable.Range(0, 50).Select(_ => new ScriptedReplica(master))];
        Array.ForEach(replicas, replica => replica.BeginStreaming());
        long before = master.Offset;
        master.Set("key", new byte[100]);

        SendWork[] works = [.. replicas.Select(replica => replica.Session.NextWork(new ArrayBufferWriter<byte>(), master.Now))];

        Assert.Equal(master.Offset - before, works[0].Lease.Bytes.Length);
        Assert.All(works, work => Assert.True(work.Lease.Bytes.Equals(works[0].Lease.Bytes), "A replica has a copy of its own."));
        foreach ((ScriptedReplica replica, SendWork work) in replicas.Zip(works))
        {
            replica.Session.Complete(work, master.Now);
        }
    }
}
