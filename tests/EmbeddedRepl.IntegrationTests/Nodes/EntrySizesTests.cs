namespace EmbeddedRepl.IntegrationTests.Nodes;

public class EntrySizesTests
{
    public static TheoryData<bool> BeforeOrAfter => [true, false];

    [Theory]
    [Trait("Behaviour", "A9")]
    [MemberData(nameof(BeforeOrAfter))]
    public void Entries_OfExtremeSizesAndAnyKeys_AreEqualOnTheReplica(bool isWrittenBeforeTheSync)
    {
        string[] keys =
        [
            "a", "", "\0", "ключ", "鍵", "🗝️", "\uD800", "x\uDC00y", "é", "e\u0301", new string('k', 60_000), new string('鍵', 20_000),
        ];
        int[] sizes = [0, 1, 1 << 20, 3 << 20];
        using TestNode master = TestNode.Master();
        using TestNode? early = isWrittenBeforeTheSync ? null : TestNode.Replica(master.EndPoint).WaitForStreaming();
        var random = new Random(9);
        var written = new Dictionary<string, byte[]>();
        foreach (string key in keys)
        {
            foreach (int size in sizes)
            {
                byte[] value = new byte[size];
                random.NextBytes(value);

                // A limit on keys leaves no room for a suffix in the largest ones; each of them gets one of the sizes.
                string name = key.Length > 1_000 ? key[..^1] + size % 10 : $"{key}{size}";
                master.Set(name, value);
                written[name] = value;
            }

            byte[] own = new byte[key.Length % 7];
            master.Set(key, own);
            written[key] = own;
        }

        using TestNode? late = isWrittenBeforeTheSync ? TestNode.Replica(master.EndPoint).WaitForStreaming() : null;
        TestNode replica = early ?? late!;

        replica.WaitUntilIdenticalTo(master);
        Assert.Equal(written.Count, replica.Info.EntryCount);
        Assert.All(written, entry => Assert.True(replica.Get(entry.Key).AsSpan().SequenceEqual(entry.Value)));
        Assert.Equal(1, master.Info.SyncFull);
    }
}
