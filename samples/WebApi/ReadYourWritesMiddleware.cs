namespace EmbeddedRepl.Samples.WebApi;

/// <summary>
/// Lets a user read at every instance what they wrote at any other: whoever writes gets a cookie that says where the write stands, and the next request, wherever it arrives, waits
/// until that instance has it, which takes a fraction of a millisecond as a rule. Used by many requests at once; holds no state.
/// </summary>
internal sealed class ReadYourWritesMiddleware(RequestDelegate next, IReplicatedCache cache)
{
    /// <summary>The cookie. A client that has no cookies could be given the same text in a header.</summary>
    public const string CookieName = "cache-token";

    /// <summary>Says in an answer that this instance does not have the user's last write, so what it tells may be older.</summary>
    public const string StaleHeader = "Cache-Stale";

    // Longer than a replica is behind as long as all is well, short enough for a user who waits while it is not. A made-up cookie costs no more than this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // By then every instance that can take a change at all has the write, or it was lost in a failover and no instance will ever have it: its user must not be turned away for as long as their browser is open.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        string? token = context.Request.Cookies[CookieName];
        bool isCurrent = token is null ? cache.IsReady : await HasAsync(token, context.RequestAborted);
        if (!isCurrent && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            // Whoever changes a cart on the basis of an older one undoes what came in between. Another instance may be further.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            return;
        }

        if (!isCurrent)
        {
            // A choice of this service: to look at, an old cart is better than none.
            context.Response.Headers[StaleHeader] = "true";
        }

        using ConsistencyScope writes = cache.TrackWrites();
        context.Response.OnStarting(() =>
        {
            // Headers are sent now, so what is written later in the request is not covered; see how CartEndpoints commits the session before it answers.
            if (writes.Token is { } written)
            {
                context.Response.Cookies.Append(
                    CookieName,
                    written,
                    new CookieOptions { HttpOnly = true, IsEssential = true, MaxAge = Lifetime, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps });
            }

            return Task.CompletedTask;
        });
        await next(context);
    }

    private async Task<bool> HasAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            return await cache.WaitForAsync(token, Patience, cancellationToken);
        }
        catch (ArgumentException)
        {
            // Not one of ours: the client has changed it, so it has nothing to wait for.
            return true;
        }
        catch (ReplicatedCacheException)
        {
            // This instance is stopping, or too many requests wait already.
            return false;
        }
    }
}
