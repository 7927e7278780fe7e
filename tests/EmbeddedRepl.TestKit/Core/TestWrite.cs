using System.Buffers;
using System.Text;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>A forwarded write whose caller is a test: it only remembers how it ended.</summary>
internal sealed class TestWrite : ForwardedWrite
{
    private TestWrite((byte[] Bytes, int Length) operations)
        : base(operations.Bytes, operations.Length)
    {
    }

    /// <summary>How often it ended; never more than once.</summary>
    public int Ends { get; private set; }

    public static TestWrite Set(string key, byte[] value, WriteExpiration expiration = default)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddSet(key, new ReadOnlySequence<byte>(value), expiration);
        return new TestWrite(buffer.Take());
    }

    public static TestWrite Set(string key, string value) => Set(key, Encoding.UTF8.GetBytes(value));

    public static TestWrite SetMany(IEnumerable<(string Key, byte[] Value)> entries)
    {
        var buffer = new OperationBuffer(0);
        foreach ((string key, byte[] value) in entries)
        {
            buffer.AddSet(key, new ReadOnlySequence<byte>(value), default);
        }

        return new TestWrite(buffer.Take());
    }

    public static TestWrite Remove(string key)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddRemove(key);
        return new TestWrite(buffer.Take());
    }

    public static TestWrite CompareAndSet(string key, string value, EntryVersion expected, WriteExpiration expiration = default)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddCompareAndSet(key, Encoding.UTF8.GetBytes(value), expected, expiration);
        return new TestWrite(buffer.Take());
    }

    public static TestWrite CompareAndRemove(string key, EntryVersion expected)
    {
        var buffer = new OperationBuffer(0);
        buffer.AddCompareAndRemove(key, expected);
        return new TestWrite(buffer.Take());
    }

    public static TestWrite Clear()
    {
        var buffer = new OperationBuffer(0);
        buffer.AddClear();
        return new TestWrite(buffer.Take());
    }

    /// <summary>Any bytes, as a faulty node could send them.</summary>
    public static TestWrite Raw(params byte[] operations)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(operations.Length);
        operations.CopyTo(rented, 0);
        return new TestWrite((rented, operations.Length));
    }

    /// <summary>Begins it on a replica.</summary>
    public TestWrite On(CoreNode replica)
    {
        replica.Core.Forwarder.Begin(this, replica.Now);
        return this;
    }

    protected override void OnEnded() => Ends++;
}
