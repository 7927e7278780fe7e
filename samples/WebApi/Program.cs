using EmbeddedRepl.Samples.WebApi;
using Microsoft.AspNetCore.DataProtection;

var builder = WebApplication.CreateBuilder(args);

// This line is the whole integration. Whether this process is the master or a replica is decided by the section
// "ReplicatedCache" of its configuration, so all instances of a service run the same code.
builder.Services.AddReplicatedCache();

// ASP.NET Core's session stores itself in the IDistributedCache that is there: this one.
builder.Services.AddSession();

// The session's cookie is encrypted. All instances need the same keys for that; without a directory that they share, they must run on one machine under one user.
IDataProtectionBuilder keys = builder.Services.AddDataProtection().SetApplicationName("EmbeddedRepl.Samples.WebApi");
if (builder.Configuration["KeyDirectory"] is { Length: > 0 } directory)
{
    keys.PersistKeysToFileSystem(new DirectoryInfo(directory));
}

builder.Services.AddSingleton<TrafficCounters>();
builder.Services.AddHealthChecks();

var app = builder.Build();
app.UseWhen(context => context.Request.Path.StartsWithSegments("/cart"), users => users.UseMiddleware<ReadYourWritesMiddleware>().UseSession());
app.MapEntries();
app.MapCart();
app.MapReplication();
app.MapHealth();
if (app.Configuration["Operator"] == "true")
{
    app.MapOperator();
}

app.Run();
