using System.Text;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class KeyCodecTests
{
    public static TheoryData<string> Keys => new()
    {
        "",
        "a",
        "sevench",
        "exactly8",
        "a-key-of-more-than-sixteen-characters",
        "Grüße, Δ, 你好",
        "eight-08ü",
        "emoji 😀 and more 🎉",
        "\ud83d",
        "\ude00",
        "a\ud83d",
        "\ud83db",
        "\ude00\ud83d",
        "\ud83d\ud83d\ude00\ude00",
        "12345678\udfff12345678",
        "\0\u007f\u0080\u07ff\u0800\uffff",
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Encode_AnyKey_DecodesToTheSameKey(string key)
    {
        byte[] bytes = Encode(key);

        Assert.Equal(key, KeyCodec.Decode(bytes));
        Assert.True(KeyCodec.IsCanonical(bytes));
        Assert.Equal(bytes.Length, KeyCodec.GetByteCount(key));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Encode_DestinationOneByteTooSmall_Throws(string key)
    {
        if (key.Length > 0)
        {
            Assert.Throws<ArgumentException>(() => KeyCodec.Encode(key, new byte[KeyCodec.GetByteCount(key) - 1]));
        }
    }

    [Fact]
    public void Encode_WellFormedText_IsUtf8()
    {
        foreach (string key in new[] { "plain", "Grüße, Δ, 你好", "emoji 😀 and more 🎉", new string('ä', 500) })
        {
            Assert.Equal(Encoding.UTF8.GetBytes(key), Encode(key));
        }
    }

    [Fact]
    public void Encode_LoneSurrogates_AreThreeBytesEach()
    {
        Assert.Equal("EDA0BD", Convert.ToHexString(Encode("\ud83d")));
        Assert.Equal("EDB880EDA0BD", Convert.ToHexString(Encode("\ude00\ud83d")));
    }

    [Fact]
    public void Encode_RandomUtf16_RoundTripsAndKeepsKeysApart()
    {
        Random random = new(1);
        Dictionary<string, string> seen = [];
        for (int i = 0; i < 20_000; i++)
        {
            string key = RandomText.Next(random, random.Next(12));
            byte[] bytes = Encode(key);
            Assert.Equal(key, KeyCodec.Decode(bytes));
            string printed = Convert.ToHexString(bytes);
            Assert.True(seen.TryAdd(printed, key) || seen[printed] == key);
        }
    }

    [Theory]
    [InlineData("C080")] // overlong
    [InlineData("80")] // continuation without a start
    [InlineData("E282")] // truncated
    [InlineData("EDA0BDEDB880")] // a pair as two times three bytes: a second spelling
    [InlineData("61EDA0")] // truncated surrogate
    [InlineData("EDA041")]
    [InlineData("F4908080")] // beyond Unicode
    [InlineData("FF")]
    public void TryDecode_NotCanonical_Refuses(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.False(KeyCodec.TryDecode(bytes, out _));
        Assert.False(KeyCodec.IsCanonical(bytes));
        Assert.Throws<ArgumentException>(() => KeyCodec.Decode(bytes));
    }

    private static byte[] Encode(string key)
    {
        byte[] buffer = new byte[key.Length * KeyCodec.MaxBytesPerChar];
        return buffer[..KeyCodec.Encode(key, buffer)];
    }
}
