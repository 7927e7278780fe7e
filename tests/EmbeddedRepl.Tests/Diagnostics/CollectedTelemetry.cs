using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EmbeddedRepl.Tests.Diagnostics;

/// <summary>
/// What the OpenTelemetry SDK sees of one cache. Meters are known to the whole process, and other tests run at the same time: what belongs to other caches is left out by its tag.
/// </summary>
internal sealed class CollectedTelemetry : IDisposable
{
    private readonly string _cacheName;
    private readonly PointExporter _points = new();
    private readonly ActivityCollector _activities = new();
    private readonly MeterProvider _meters;
    private readonly TracerProvider _traces;

    public CollectedTelemetry(string cacheName)
    {
        _cacheName = cacheName;
        _meters = Sdk.CreateMeterProviderBuilder().AddMeter(CacheTelemetry.Name).AddReader(new BaseExportingMetricReader(_points)).Build();
        _traces = Sdk.CreateTracerProviderBuilder().AddSource(CacheTelemetry.Name).SetSampler(new AlwaysOnSampler()).AddProcessor(_activities).Build();
    }

    /// <summary>Activities that have ended.</summary>
    public IReadOnlyList<Activity> Activities
    {
        get
        {
            lock (_activities.Ended)
            {
                return [.. _activities.Ended.Where(a => (string?)a.GetTagItem(CacheTelemetry.CacheNameTag) == _cacheName)];
            }
        }
    }

    /// <summary>Collects all metrics: one line for each point, <c>name{tags} unit = value</c>, of a histogram <c>= count; sum</c>.</summary>
    public IReadOnlyList<string> Collect()
    {
        _points.Lines.Clear();
        _meters.ForceFlush();
        string tag = $"{CacheTelemetry.CacheNameTag}={_cacheName}";
        return [.. from point in _points.Lines where point.Tags.Remove(tag) select point.ToString()];
    }

    public void Dispose()
    {
        _meters.Dispose();
        _traces.Dispose();
    }

    private sealed record Point(string Name, string Unit, List<string> Tags, string Value)
    {
        public override string ToString() => $"{Name}{(Tags.Count == 0 ? "" : "{" + string.Join(", ", Tags) + "}")} {Unit} = {Value}";
    }

    private sealed class PointExporter : BaseExporter<Metric>
    {
        public List<Point> Lines { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (Metric metric in batch)
            {
                foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
                {
                    List<string> tags = [];
                    foreach (KeyValuePair<string, object?> tag in point.Tags)
                    {
                        tags.Add($"{tag.Key}={tag.Value}");
                    }

                    Lines.Add(new Point(metric.Name, metric.Unit, tags, ValueOf(metric, point)));
                }
            }

            return ExportResult.Success;
        }

        private static string ValueOf(Metric metric, in MetricPoint point) => metric.MetricType switch
        {
            MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong().ToString(CultureInfo.InvariantCulture),
            MetricType.LongGauge => point.GetGaugeLastValueLong().ToString(CultureInfo.InvariantCulture),
            MetricType.DoubleGauge => point.GetGaugeLastValueDouble().ToString(CultureInfo.InvariantCulture),
            MetricType.Histogram => string.Create(CultureInfo.InvariantCulture, $"{point.GetHistogramCount()}; {point.GetHistogramSum()}"),
            _ => throw new NotSupportedException($"{metric.Name} is a {metric.MetricType}."),
        };
    }

    private sealed class ActivityCollector : BaseProcessor<Activity>
    {
        public List<Activity> Ended { get; } = [];

        public override void OnEnd(Activity data)
        {
            lock (Ended)
            {
                Ended.Add(data);
            }
        }
    }
}
