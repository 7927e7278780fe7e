using System.Reflection;
using EmbeddedRepl.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class LogTests
{
    private static readonly (MethodInfo Method, LoggerMessageAttribute Message)[] Messages =
    [
        .. from method in typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.Static)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           select (method, message),
    ];

    [Fact]
    public void EventIds_AreUniqueAndInTheDocumentedRange()
    {
        Assert.True(Messages.Length > 10, "The messages were not found.");
        Assert.Equal(Messages.Length, Messages.Select(m => m.Message.EventId).Distinct().Count());
        Assert.All(Messages, m => Assert.InRange(m.Message.EventId, 1000, 2299));
    }

    [Fact]
    [Trait("Behaviour", "F8")]
    public void Messages_TakeNoKeyValueOrPassword()
    {
        string[] forbidden = ["key", "value", "password", "secret", "proof", "nonce", "options"];

        Assert.All(
            Messages.SelectMany(m => m.Method.GetParameters()),
            p => Assert.DoesNotContain(p.Name!.ToUpperInvariant(), forbidden.Select(f => f.ToUpperInvariant())));

        // Bytes could be either.
        Assert.All(
            Messages.SelectMany(m => m.Method.GetParameters()),
            p => Assert.False(p.ParameterType.IsArray || p.ParameterType.IsByRefLike, $"{p.Member.Name}.{p.Name}"));
    }

    [Fact]
    public void Category_OfTheDefaultCacheAndOfOthers_Differs()
    {
        Assert.Equal("EmbeddedRepl", Log.Category("default"));
        Assert.Equal("EmbeddedRepl.sessions", Log.Category("sessions"));
    }
}
