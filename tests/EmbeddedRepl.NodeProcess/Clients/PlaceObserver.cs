using EmbeddedRepl.Replication;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>Says where a node stands at this moment: everything under one hold of the gate, so that it belongs together. Thread-safe.</summary>
internal sealed class PlaceObserver(NodeCore core)
{
    private DataSet? _data;
    private int _epoch;

    public NodePlace Now
    {
        get
        {
            lock (core.Gate)
            {
                DataSet data = core.Data;
                if (data != _data)
                {
                    _data = data;
                    _epoch++;
                }

                return new NodePlace(_epoch, data.History, data.Offset);
            }
        }
    }
}
