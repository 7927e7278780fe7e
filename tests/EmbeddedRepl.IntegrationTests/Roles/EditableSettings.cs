using Microsoft.Extensions.Configuration;

namespace EmbeddedRepl.IntegrationTests.Roles;

/// <summary>A configuration that a test edits while the service runs, as somebody edits <c>appsettings.json</c>: all at once, or only touched.</summary>
internal sealed class EditableSettings : ConfigurationProvider, IConfigurationSource
{
    public EditableSettings(string section, params (string Key, string Value)[] settings)
    {
        Section = section;
        Put(settings);
    }

    public string Section { get; }

    /// <summary>Replaces everything.</summary>
    public void Edit(params (string Key, string Value)[] settings)
    {
        Put(settings);
        OnReload();
    }

    /// <summary>Reports a change where there is none.</summary>
    public void Touch() => OnReload();

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    private void Put((string Key, string Value)[] settings) => Data = settings.ToDictionary(
        setting => $"{Section}:{setting.Key}", setting => (string?)setting.Value, StringComparer.OrdinalIgnoreCase);
}
