namespace EmbeddedRepl.Transport.Tls;

/// <summary>A certificate that the settings name cannot be used. Hosting adds the path of the configuration section.</summary>
internal sealed class TlsSettingException : IOException
{
    /// <param name="setting">The setting within the section <c>Tls</c>, such as <c>Certificate:Path</c>.</param>
    /// <param name="problem">What is wrong with it and what to do, as the rest of a sentence that begins with the setting.</param>
    /// <param name="innerException">What the runtime said, or null.</param>
    public TlsSettingException(string setting, string problem, Exception? innerException = null)
        : base($"Tls:{setting} {problem.TrimEnd('.')}.", innerException)
    {
        Setting = setting;
    }

    /// <summary>The setting within the section <c>Tls</c>.</summary>
    public string Setting { get; }
}
