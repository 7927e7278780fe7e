using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EmbeddedRepl.Samples.WebApi;

/// <summary>
/// A shopping cart in ASP.NET Core's session, which lives in the cache, so every instance has it: <c>GET /cart</c>, <c>PUT /cart/{item}?count=2</c>, <c>DELETE /cart</c>.
/// </summary>
internal static class CartEndpoints
{
    private const string Name = "cart";

    /// <summary>Adds the endpoints.</summary>
    public static void MapCart(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder cart = routes.MapGroup("/cart");
        cart.AddEndpointFilter<RefusedWriteFilter>();
        cart.MapGet("/", GetAsync);
        cart.MapPut("/{item}", PutAsync);
        cart.MapDelete("/", DeleteAsync);
    }

    private static async Task<IResult> GetAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await context.Session.LoadAsync(cancellationToken);
        return Answer(Read(context.Session));
    }

    // How many of an item there are, not how many more: who does not know whether a request was carried out can repeat it.
    private static async Task<IResult> PutAsync(string item, int count, HttpContext context, CancellationToken cancellationToken)
    {
        if (count is < 0 or > 1_000)
        {
            return TypedResults.Problem("count is from 0, which takes the item out, to 1000.", statusCode: StatusCodes.Status400BadRequest);
        }

        await context.Session.LoadAsync(cancellationToken);
        SortedDictionary<string, int> cart = Read(context.Session);
        cart.Remove(item);
        if (count > 0)
        {
            cart.Add(item, count);
        }

        context.Session.Set(Name, JsonSerializer.SerializeToUtf8Bytes(cart, ApiJsonContext.Default.SortedDictionaryStringInt32));
        return await CommitAsync(context, cart, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await context.Session.LoadAsync(cancellationToken);
        context.Session.Remove(Name);
        return await CommitAsync(context, [], cancellationToken);
    }

    private static async Task<IResult> CommitAsync(HttpContext context, SortedDictionary<string, int> cart, CancellationToken cancellationToken)
    {
        // The session would be saved after the answer otherwise, when nobody can be told any more that it failed, or where it stands.
        try
        {
            await context.Session.CommitAsync(cancellationToken);
        }
        catch
        {
            // The session's middleware commits what is not committed once more, after the answer. The user has been told that it failed by then, and may have changed the cart at another instance.
            context.Features.GetRequiredFeature<ISessionFeature>().Session = null!;
            throw;
        }

        return Answer(cart);
    }

    private static SortedDictionary<string, int> Read(ISession session) =>
        session.TryGetValue(Name, out byte[]? json) ? JsonSerializer.Deserialize(json, ApiJsonContext.Default.SortedDictionaryStringInt32)! : new(StringComparer.Ordinal);

    private static JsonHttpResult<SortedDictionary<string, int>> Answer(SortedDictionary<string, int> cart) => TypedResults.Json(cart, ApiJsonContext.Default.SortedDictionaryStringInt32);
}
