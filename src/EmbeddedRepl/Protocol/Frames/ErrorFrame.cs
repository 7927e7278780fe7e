namespace EmbeddedRepl.Protocol;

/// <summary>Both directions, the last frame before the sender closes the connection. Its fields are the same in every major version.</summary>
/// <param name="Code">Why.</param>
/// <param name="Message">The same for a person; says nothing about data or passwords.</param>
internal readonly record struct ErrorFrame(ErrorCode Code, string Message) : IFrame<ErrorFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Error;

    /// <inheritdoc/>
    public static int FieldCount => 2;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write((int)Code);
        writer.WriteMessage(Message);
    }

    /// <inheritdoc/>
    public static ErrorFrame Read(ref MessagePackReader reader) =>
        new((ErrorCode)reader.ReadInRange("code", 1, int.MaxValue), reader.ReadMessage());
}
