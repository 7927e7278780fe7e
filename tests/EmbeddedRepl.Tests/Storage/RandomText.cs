namespace EmbeddedRepl.Tests.Storage;

/// <summary>Random UTF-16 of all kinds: ASCII, other scripts, pairs of surrogates and lone ones.</summary>
internal static class RandomText
{
    public static string Next(Random random, int length)
    {
        char[] chars = new char[length];
        int style = random.Next(4);
        for (int i = 0; i < length; i++)
        {
            chars[i] = style switch
            {
                0 or 1 => (char)random.Next('a', 'z' + 1),
                2 => (char)random.Next(0x10000),
                _ => (char)random.Next(0xD7F0, 0xE010),
            };
        }

        return new string(chars);
    }
}
