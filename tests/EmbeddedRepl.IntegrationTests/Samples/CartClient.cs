using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using EmbeddedRepl.IntegrationTests.Nodes;

namespace EmbeddedRepl.IntegrationTests.Samples;

/// <summary>
/// A user with a browser: fills a cart, each request at another instance, as a load balancer without affinity does it, and tries another one when one fails. Knows what must be in
/// the cart.
/// </summary>
internal sealed class CartClient : IDisposable
{
    private const string StaleHeader = "Cache-Stale";

    private readonly HttpClient _http;
    private readonly WebApiInstance[] _instances;
    private readonly Random _random;
    private readonly SortedDictionary<string, int> _expected = new(StringComparer.Ordinal);
    private int _last;

    public CartClient(WebApiInstance[] instances, int number)
    {
        _instances = instances;
        _random = new Random(number);
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            CookieContainer = new CookieContainer(),
            ConnectTimeout = TimeSpan.FromSeconds(5),
        })
        {
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>Requests that had to be made again.</summary>
    public int Retries { get; private set; }

    /// <summary>Times that a cart was read back at another instance than the one where it was last written.</summary>
    public int Hops { get; private set; }

    /// <summary>Changes the cart and reads it back at another instance, until it is told to stop.</summary>
    public async Task ShopAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            string item = $"item-{_random.Next(20)}";
            int count = _random.Next(100);
            await RepeatAsync(async instance =>
            {
                using HttpResponseMessage response = await _http.PutAsync(new Uri(instance.Url, $"cart/{item}?count={count}"), null);
                return response.IsSuccessStatusCode && !response.Headers.Contains(StaleHeader);
            });
            _expected.Remove(item);
            if (count > 0)
            {
                _expected.Add(item, count);
            }

            int writtenAt = _last;
            await ReadBackAsync();
            Hops += _last == writtenAt ? 0 : 1;
        }
    }

    /// <summary>Reads the cart at an instance, which must have all of it.</summary>
    public async Task CheckAsync(WebApiInstance instance)
    {
        SortedDictionary<string, int>? cart = await _http.GetFromJsonAsync<SortedDictionary<string, int>>(new Uri(instance.Url, "cart"));
        Assert.Equal(_expected, cart);
    }

    public void Dispose() => _http.Dispose();

    private Task ReadBackAsync() => RepeatAsync(async instance =>
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(instance.Url, "cart"));
        if (!response.IsSuccessStatusCode || response.Headers.Contains(StaleHeader))
        {
            return false;
        }

        Assert.Equal(_expected, await response.Content.ReadFromJsonAsync<SortedDictionary<string, int>>());
        return true;
    });

    /// <summary>Makes a request at one instance after another until one has carried it out.</summary>
    private async Task RepeatAsync(Func<WebApiInstance, Task<bool>> request)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            _last = (_last + _random.Next(1, _instances.Length)) % _instances.Length;
            try
            {
                if (await request(_instances[_last]))
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // That instance is down.
            }

            Retries++;
            if (Stopwatch.GetElapsedTime(start) > TestNode.Patience * 3)
            {
                throw new TimeoutException("No instance carries the request out.");
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }
}
