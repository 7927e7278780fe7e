namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>Writes a counter on a master.</summary>
internal interface ICounterWriter
{
    /// <summary>Sets the counter, and then some other keys; returns when the master has taken all of it.</summary>
    /// <param name="number">The counter's next value.</param>
    /// <param name="others">How many random other keys are set after it.</param>
    void Set(long number, int others);
}
