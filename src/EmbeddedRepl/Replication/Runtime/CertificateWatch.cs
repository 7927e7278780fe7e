using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Looks from time to time whether certificates were renewed, and says so in the log. On a thread of its own, which exists only in a node with TLS: a file on a slow share
/// must delay neither a link nor a handshake, and strangers must not be able to cause reads of files.
/// </summary>
internal sealed class CertificateWatch(NodeRuntime runtime) : IDisposable
{
    /// <summary>How often the clock is looked at, in milliseconds of real time: that of the node may be moved by whoever provides it.</summary>
    private const long LongestWait = 500;

    private readonly LoopSignal _signal = new();
    private readonly Lock _lock = new();
    private LoopThread? _thread;
    private TlsTransport? _watched;
    private string? _reportedOutOfTime;
    private long _nextLookAt;
    private volatile bool _isStopping;

    /// <summary>Begins to watch if there is something to watch; does nothing the second time.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_thread is null && !_isStopping && runtime.Tls.Settings.IsOn)
            {
                _thread = LoopThread.Start("certificates", runtime.Logger, Run);
            }
        }
    }

    public void Dispose()
    {
        LoopThread? thread;
        lock (_lock)
        {
            _isStopping = true;
            thread = _thread;
        }

        _signal.Set();
        if (thread is null || thread.Join(TimeSpan.FromSeconds(1)))
        {
            _signal.Dispose();
        }
    }

    private void Run()
    {
        while (!_isStopping)
        {
            try
            {
                LookIfDue();
            }
#pragma warning disable CA1031 // A store or file system that fails in a way nobody foresaw must not end the watch.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                runtime.Logger.BackgroundWorkFailed(exception, "certificates");
            }

            _signal.Wait(LongestWait);
        }
    }

    private void LookIfDue()
    {
        TlsTransport tls = runtime.Tls;
        long now = runtime.Now().Milliseconds;
        bool isNew = !ReferenceEquals(tls, _watched);
        if (isNew)
        {
            // Loaded just now.
            _watched = tls;
            SayWhatIsInUse(tls);
        }
        else if (now < _nextLookAt)
        {
            return;
        }

        // Before the look, so that one that fails in a way nobody foresaw is not repeated, and logged, all the time.
        _nextLookAt = now + (long)tls.Settings.ReloadInterval.TotalMilliseconds;
        if (!isNew)
        {
            foreach (TlsNotice notice in tls.Refresh())
            {
                Say(notice);
            }
        }

        WarnIfOutOfTime(tls.Certificate);
    }

    private void SayWhatIsInUse(TlsTransport tls)
    {
        string certificate = tls.Certificate is { } own ? $"'{own.Subject}', valid until {own.NotAfter.UtcDateTime:u}" : tls.Settings.IsOn ? "none yet" : "none";
        runtime.Logger.TlsInUse(tls.Settings.Listener, tls.Settings.Link, certificate);
    }

    private void Say(TlsNotice notice)
    {
        if (notice.Problem is { } problem)
        {
            runtime.Logger.CertificateNotUsable(notice.What, problem);
        }
        else if (notice.Certificate is { } renewed)
        {
            runtime.Logger.CertificateRenewed(notice.What, renewed.Subject, renewed.NotAfter.UtcDateTime);
        }
        else
        {
            runtime.Logger.TrustedCertificatesRenewed(notice.What);
        }
    }

    private void WarnIfOutOfTime(OwnCertificate? certificate)
    {
        DateTimeOffset now = runtime.Time.GetUtcNow();
        if (certificate is null || (now >= certificate.NotBefore && now <= certificate.NotAfter))
        {
            _reportedOutOfTime = null;
        }
        else if (_reportedOutOfTime != certificate.Thumbprint)
        {
            _reportedOutOfTime = certificate.Thumbprint;
            runtime.Logger.CertificateOutOfTime(certificate.Subject, certificate.NotBefore.UtcDateTime, certificate.NotAfter.UtcDateTime);
        }
    }
}
