using System.Net;
using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>The service's <c>/entries</c> as calls.</summary>
internal static class EntryClient
{
    /// <summary>Reads an entry; null for a miss.</summary>
    /// <exception cref="HttpRequestException">The node did not answer, or answered with an error.</exception>
    public static async Task<byte[]?> GetEntryAsync(this Node node, string key, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await node.Http.GetAsync($"entries/{key}", cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>Writes an entry.</summary>
    /// <param name="node">The master.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiration">Nothing, or a query such as <c>?ttl=30s</c>.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="HttpRequestException">The node did not answer, or answered with an error.</exception>
    public static async Task PutEntryAsync(
        this Node node, string key, byte[] value, string expiration, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(value);
        using HttpResponseMessage response = await node.Http.PutAsync($"entries/{key}{expiration}", content, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Deletes an entry.</summary>
    /// <exception cref="HttpRequestException">The node did not answer, or answered with an error.</exception>
    public static async Task DeleteEntryAsync(this Node node, string key, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await node.Http.DeleteAsync($"entries/{key}", cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
