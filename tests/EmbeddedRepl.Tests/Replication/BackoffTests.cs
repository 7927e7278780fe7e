using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

[Trait("Behaviour", "A13")]
public sealed class BackoffTests
{
    [Fact]
    public void Next_First_IsAtOnce() => Assert.Equal(0, new Backoff(50, new SeededNodeRandom(1)).Next(1_000));

    [Theory]
    [InlineData((byte)0x00, new long[] { 25, 50, 100, 200, 400, 500, 500 })]
    [InlineData((byte)0xff, new long[] { 50, 100, 200, 400, 800, 1_000, 1_000 })]
    internal void Next_AtBothEndsOfTheDraw_DoublesUpToTheCap(byte drawn, long[] expected)
    {
        var backoff = new Backoff(50, new ConstantRandom(drawn));
        backoff.Next(1_000);

        Assert.Equal(expected, expected.Select(_ => backoff.Next(1_000)).ToArray());
    }

    [Fact]
    public void Next_ManyDraws_FillTheUpperHalfOfTheStep()
    {
        var random = new SeededNodeRandom(7);
        long[] pauses = [.. Enumerable.Range(0, 2_000).Select(_ => Second(random))];

        Assert.InRange(pauses.Min(), 500, 510);
        Assert.InRange(pauses.Max(), 990, 1_000);
        Assert.InRange(pauses.Average(), 730, 770);

        static long Second(SeededNodeRandom random)
        {
            var backoff = new Backoff(1_000, random);
            backoff.Next(1_000);
            return backoff.Next(1_000);
        }
    }

    [Fact]
    public void Reset_AfterManyPauses_TheNextAttemptIsAtOnce()
    {
        var backoff = new Backoff(50, new SeededNodeRandom(1));
        for (int i = 0; i < 10; i++)
        {
            backoff.Next(1_000);
        }

        backoff.Reset();

        Assert.Equal(0, backoff.Attempts);
        Assert.Equal(0, backoff.Next(1_000));
        Assert.InRange(backoff.Next(1_000), 25, 50);
    }

    [Fact]
    public void Next_TheCapIsLowered_HoldsForTheNextPause()
    {
        var backoff = new Backoff(50, new ConstantRandom(0xff));
        for (int i = 0; i < 10; i++)
        {
            backoff.Next(10_000);
        }

        Assert.Equal(200, backoff.Next(200));
        Assert.Equal(400, backoff.Next(10_000));
    }

    private sealed class ConstantRandom(byte value) : INodeRandom
    {
        public void Fill(Span<byte> destination) => destination.Fill(value);
    }
}
