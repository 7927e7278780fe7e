using EmbeddedRepl.Samples.WebApi;

var builder = WebApplication.CreateBuilder(args);

// This line is the whole integration. Whether this process is the master or a replica is decided by the section
// "ReplicatedCache" of its configuration, so all instances of a service run the same code.
builder.Services.AddReplicatedCache();

builder.Services.AddSingleton<TrafficCounters>();
builder.Services.AddHealthChecks();

var app = builder.Build();
app.MapEntries();
app.MapReplication();
app.MapHealth();
if (app.Configuration["Operator"] == "true")
{
    app.MapOperator();
}

app.Run();
