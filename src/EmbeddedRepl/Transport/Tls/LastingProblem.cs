namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// Decides when a problem that looks find is told: when two looks in a row find it, and once. Whoever renews a certificate often takes two steps, such as writing its key after it or removing the
/// former one first, and a look in between finds what is no problem a moment later. One thread at a time.
/// </summary>
internal sealed class LastingProblem
{
    private string? _found;
    private string? _told;

    /// <summary>A look found this.</summary>
    /// <param name="signature">Tells it from other problems.</param>
    /// <returns>Whether it is to be told now.</returns>
    public bool IsToBeTold(string signature)
    {
        bool isToBeTold = signature == _found && signature != _told;
        _found = signature;
        if (isToBeTold)
        {
            _told = signature;
        }

        return isToBeTold;
    }

    /// <summary>A look found nothing wrong.</summary>
    public void Clear() => _found = _told = null;
}
