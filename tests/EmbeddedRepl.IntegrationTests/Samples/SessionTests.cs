using System.Net;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Processes;

namespace EmbeddedRepl.IntegrationTests.Samples;

/// <summary>ASP.NET Core's session in the sample service, with users whose every request arrives at another instance.</summary>
[Collection(AloneCollection.Name)]
public sealed class SessionTests : IDisposable
{
    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("session-keys");
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<WebApiInstance> _instances = [];

    public void Dispose()
    {
        _instances.ForEach(instance => instance.Dispose());
        _http.Dispose();
        _keys.Delete(recursive: true);
    }

    [UnixFact]
    [Trait("Behaviour", "R1")]
    public async Task Carts_OfUsersWhoHopBetweenInstances_SurviveTheLossOfAnyReplicaAndARestartOfTheMaster()
    {
        string master = $"127.0.0.1:{WebApiInstance.NewPort()}";

        // A restarted master waits for its replicas, as long as a busy machine takes to let them come.
        const int Replicas = 3;
        Add("--ReplicatedCache:Role=Master", $"--ReplicatedCache:Listen:0={master}", $"--ReplicatedCache:ExpectedReplicas={Replicas}", "--ReplicatedCache:RecoveryWindow=00:00:30");
        for (int i = 0; i < Replicas; i++)
        {
            Add("--ReplicatedCache:Role=Replica", $"--ReplicatedCache:Master={master}");
        }

        WebApiInstance[] instances = [.. _instances];
        Array.ForEach(instances, instance => instance.Start());
        await WaitUntilAllAreHealthyAsync();
        CartClient[] users = [.. Enumerable.Range(1, 6).Select(number => new CartClient(instances, number))];
        using var stop = new CancellationTokenSource();
        Task shopping = Task.WhenAll(users.Select(user => Task.Run(() => user.ShopAsync(stop.Token))));

        // One replica after the other is lost without a warning and comes back; then the master is restarted, as for a new version.
        foreach (WebApiInstance replica in instances[1..])
        {
            await ShopForAWhileAsync(shopping);
            replica.Kill();
            await ShopForAWhileAsync(shopping);
            replica.Start();
            await replica.WaitUntilHealthyAsync(_http);
        }

        await ShopForAWhileAsync(shopping);
        instances[0].Stop();
        await ShopForAWhileAsync(shopping);
        instances[0].Start();
        await WaitUntilAllAreHealthyAsync();
        await ShopForAWhileAsync(shopping);

        await stop.CancelAsync();
        await shopping;
        foreach (CartClient user in users)
        {
            Assert.InRange(user.Hops, 10, int.MaxValue);
            foreach (WebApiInstance instance in instances)
            {
                await user.CheckAsync(instance);
            }

            user.Dispose();
        }
    }

    [UnixFact]
    [Trait("Behaviour", "R1")]
    public async Task Cookie_OfAWrite_OutlivesTheAnswerByAMinuteSoThatALostWriteLocksNobodyOut()
    {
        Add("--ReplicatedCache:Role=Master", $"--ReplicatedCache:Listen:0=127.0.0.1:{WebApiInstance.NewPort()}");
        _instances[0].Start();
        await WaitUntilAllAreHealthyAsync();

        using HttpResponseMessage written = await _http.PutAsync(new Uri(_instances[0].Url, "cart/apples?count=2"), null);
        written.EnsureSuccessStatusCode();
        string cookie = Assert.Single(written.Headers.GetValues("Set-Cookie"), text => text.StartsWith("cache-token=", StringComparison.Ordinal));
        Assert.Contains("max-age=60;", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);

        // A place of a history that nobody knows, as after a failover without the write: no change until the cookie is gone, and then as if nothing had been.
        using HttpResponseMessage refused = await PutAsync($"cache-token=AQ{new string('B', 36)}A");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        using HttpResponseMessage accepted = await PutAsync(null);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);

        async Task<HttpResponseMessage> PutAsync(string? cookies)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_instances[0].Url, "cart/apples?count=3"));
            if (cookies is not null)
            {
                request.Headers.Add("Cookie", cookies);
            }

            return await _http.SendAsync(request);
        }
    }

    [UnixFact]
    [Trait("Behaviour", "R1")]
    public async Task Cart_ThatCouldNotBeWritten_IsNotWrittenAfterTheAnswerEither()
    {
        string master = $"127.0.0.1:{WebApiInstance.NewPort()}";
        Add("--ReplicatedCache:Role=Master", $"--ReplicatedCache:Listen:0={master}");
        Add("--ReplicatedCache:Role=Replica", $"--ReplicatedCache:Master={master}");
        WebApiInstance replica = _instances[1];
        _instances.ForEach(instance => instance.Start());
        await WaitUntilAllAreHealthyAsync();
        _instances[0].Stop();

        using HttpResponseMessage refused = await _http.PutAsync(new Uri(replica.Url, "cart/apples?count=2"), null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        // The session's middleware says so when it tries once more, in vain here, because the master is still away.
        replica.Stop();
        Assert.Contains("Application is shutting down", replica.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Error closing the session", replica.Log, StringComparison.Ordinal);
    }

    private void Add(params string[] settings) => _instances.Add(new WebApiInstance(
        _keys.FullName,
        [
            "--ReplicatedCache:HeartbeatInterval=00:00:00.2",
            "--ReplicatedCache:ReconnectDelay=00:00:00.1",
            "--ReplicatedCache:RecoveryWindow=00:00:02",
            "--ReplicatedCache:ForwardTimeout=00:00:05",
            .. settings,
        ]));

    private async Task WaitUntilAllAreHealthyAsync()
    {
        foreach (WebApiInstance instance in _instances)
        {
            await instance.WaitUntilHealthyAsync(_http);
        }
    }

    // A user who sees a wrong cart ends the test at once.
    private static async Task ShopForAWhileAsync(Task shopping)
    {
        if (await Task.WhenAny(shopping, Task.Delay(1_000)) == shopping)
        {
            await shopping;
        }
    }
}
