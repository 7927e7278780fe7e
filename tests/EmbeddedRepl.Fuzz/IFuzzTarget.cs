using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;

namespace EmbeddedRepl.Fuzz;

/// <summary>Something that takes bytes from strangers. One object serves one thread.</summary>
internal interface IFuzzTarget
{
    /// <summary>As it is named on the command line.</summary>
    string Name { get; }

    /// <summary>How often it is drawn, relative to the others.</summary>
    int Weight { get; }

    /// <summary>What one input may allocate at most, in bytes, besides what grows with its length.</summary>
    long AllocationLimit { get; }

    /// <summary>Makes an input and gives it to what is tested.</summary>
    /// <param name="random">What it is drawn from.</param>
    /// <param name="input">Holds the bytes, so that they can be printed; empty.</param>
    /// <param name="coverage">Is told what was reached.</param>
    /// <exception cref="FuzzFailedException">What came out is wrong. Any other exception that is not declared is a finding, too.</exception>
    void Run(FuzzRandom random, InputBuffer input, Coverage coverage);

    /// <summary>All inputs have been given: checks what can only be seen then.</summary>
    /// <exception cref="FuzzFailedException">Something is wrong.</exception>
    void Finish()
    {
    }
}
