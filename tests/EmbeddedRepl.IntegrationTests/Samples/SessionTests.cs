using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Processes;

namespace EmbeddedRepl.IntegrationTests.Samples;

/// <summary>ASP.NET Core's session in the sample service, with users whose every request arrives at another instance.</summary>
[Collection(AloneCollection.Name)]
public sealed class SessionTests : IDisposable
{
    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("session-keys");
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
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
        Add("--ReplicatedCache:Role=Master", $"--ReplicatedCache:Listen:0={master}");
        for (int i = 0; i < 3; i++)
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
