using System.Globalization;
using System.Text;

namespace EmbeddedRepl.Comparison;

/// <summary>Values that tell their number, so that a wrong one is seen, and that cannot be compressed, so that nobody gains from that.</summary>
internal static class EntryValues
{
    private const int NumberSize = 12;
    private const int LetterCount = 1 << 16;
    private const int Step = 7_919;

    private static readonly string Letters = NewLetters();

    /// <summary>The value of a number, of <see cref="EntryKeys.ValueSize"/> bytes.</summary>
    public static byte[] Create(int number)
    {
        byte[] value = new byte[EntryKeys.ValueSize];
        number.TryFormat(value, out _, "d12", CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(LettersOf(number), value.AsSpan(NumberSize));
        return value;
    }

    /// <summary>The same value as text.</summary>
    public static string CreateText(int number) => string.Concat(number.ToString("d12", CultureInfo.InvariantCulture), LettersOf(number));

    /// <summary>Whether these are the bytes of the value of a number.</summary>
    public static bool IsOf(int number, ReadOnlySpan<byte> value)
    {
        Span<byte> start = stackalloc byte[NumberSize];
        number.TryFormat(start, out _, "d12", CultureInfo.InvariantCulture);
        return value.Length == EntryKeys.ValueSize && value.StartsWith(start) && Ascii.Equals(value[NumberSize..], LettersOf(number));
    }

    private static ReadOnlySpan<char> LettersOf(int number)
    {
        const int Length = EntryKeys.ValueSize - NumberSize;
        return Letters.AsSpan((int)((long)number * Step % (LetterCount - Length)), Length);
    }

    private static string NewLetters() => new(new Random(1).GetItems("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".AsSpan(), LetterCount));
}
