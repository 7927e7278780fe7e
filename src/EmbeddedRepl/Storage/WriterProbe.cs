namespace EmbeddedRepl.Storage;

/// <summary>Lets tests stand between the steps of the writer's protocol; in production the callback is null.</summary>
internal sealed class WriterProbe
{
    /// <summary>Called on the writer's thread, under the gate.</summary>
    public Action<WriterStep>? Paused { get; set; }

    /// <summary>The writer is at that step.</summary>
    public void At(WriterStep step) => Paused?.Invoke(step);
}
