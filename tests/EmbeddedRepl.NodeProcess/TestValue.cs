namespace EmbeddedRepl.NodeProcess;

/// <summary>Values that show whether they are whole: each begins with its number, and every other byte follows from that.</summary>
internal static class TestValue
{
    public static byte[] Create(long number, int size)
    {
        byte[] value = new byte[size];
        value.AsSpan().Fill(FillOf(number));
        BitConverter.TryWriteBytes(value, number);
        return value;
    }

    /// <summary>Whether it is a whole value of the key with this index, if keys are written in turn.</summary>
    public static bool IsOf(byte[]? value, int index, int keys)
    {
        if (value is null || value.Length < sizeof(long))
        {
            return false;
        }

        long number = BitConverter.ToInt64(value);
        return number % keys == index && !value.AsSpan(sizeof(long)).ContainsAnyExcept(FillOf(number));
    }

    private static byte FillOf(long number) => (byte)(number * 31);
}
