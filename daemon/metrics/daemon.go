package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/service"
)

// whole is one number of the daemon.
type whole struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*service.Overview) float64
}

func describeWhole(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// wholes are the metrics of the daemon, which have no label.
var wholes = []whole{
	{
		describeWhole("sensors", "Sensors that are served."), prometheus.GaugeValue,
		func(o *service.Overview) float64 { return float64(o.Sensors) },
	},
	{
		describeWhole("max_sensors", "How many sensors may be served, ingest.sensors.max."), prometheus.GaugeValue,
		func(o *service.Overview) float64 { return float64(o.MaxSensors) },
	},
	{
		describeWhole("stalled_sensors", "Sensors whose pipeline has not gone a step forward for a minute though it has something to do: /healthz says which."), prometheus.GaugeValue,
		func(o *service.Overview) float64 { return float64(len(o.Stalls)) },
	},
	{
		describeWhole("queue_limit_messages", "How many messages of a sensor may wait, ingest.pending_messages."), prometheus.GaugeValue,
		func(o *service.Overview) float64 { return float64(o.MaxQueueMessages) },
	},
	{
		describeWhole("queue_limit_bytes", "How many bytes of a sensor may wait, ingest.pending_bytes."), prometheus.GaugeValue,
		func(o *service.Overview) float64 { return float64(o.MaxQueueBytes) },
	},
	{
		describeWhole("nats_connected", "1 where there is a connection to NATS, 0 where it is away."), prometheus.GaugeValue,
		func(o *service.Overview) float64 { return truth(o.Connected) },
	},
	{
		describeWhole("nats_reconnects_total", "How often the connection to NATS came back."), prometheus.CounterValue,
		func(o *service.Overview) float64 { return float64(o.Traffic.Reconnects) },
	},
	{
		describeWhole("nats_received_messages_total", "Messages that came over the connection to NATS, of any kind."), prometheus.CounterValue,
		func(o *service.Overview) float64 { return float64(o.Traffic.InMsgs) },
	},
	{
		describeWhole("nats_received_bytes_total", "Bytes of messages that came over the connection to NATS."), prometheus.CounterValue,
		func(o *service.Overview) float64 { return float64(o.Traffic.InBytes) },
	},
	{
		describeWhole("nats_sent_messages_total", "Messages that went over the connection to NATS, of any kind."), prometheus.CounterValue,
		func(o *service.Overview) float64 { return float64(o.Traffic.OutMsgs) },
	},
	{
		describeWhole("nats_sent_bytes_total", "Bytes of messages that went over the connection to NATS."), prometheus.CounterValue,
		func(o *service.Overview) float64 { return float64(o.Traffic.OutBytes) },
	},
}

var (
	ready      = describeWhole("ready", "1 where the daemon takes messages, 0 where not: /readyz says why.")
	unlabelled = describeWhole("unlabelled_sensors", "Sensors that are summed under sensor=\""+Others+"\", as there are more than http.sensor_labels.")
	unserved   = describeWhole("unserved_rejects_total", "Rejects of messages that are no served sensor's, by reason: sensor (not served, or one too many) or subject (it names none).", reasonLabel)
	wait       = describeWhole("message_wait_seconds", "From the receipt of a message to its being taken from its sensor's queue: the part of saccade_message_latency_seconds in which nothing was done for it.")
)

func describeDaemon(to chan<- *prometheus.Desc) {
	for _, m := range wholes {
		to <- m.desc
	}
	to <- ready
	to <- unlabelled
	to <- unserved
	to <- wait
}

// sendDaemon tells of the daemon, in which so many sensors have no label of their own.
func (c *Collector) sendDaemon(to chan<- prometheus.Metric, without int) {
	o := c.watched.Source.Overview()
	for _, m := range wholes {
		to <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&o))
	}
	if c.watched.Ready != nil {
		to <- prometheus.MustNewConstMetric(ready, prometheus.GaugeValue, truth(c.watched.Ready() == nil))
	}
	to <- prometheus.MustNewConstMetric(unlabelled, prometheus.GaugeValue, float64(without))
	for i, reason := range service.Reasons() {
		to <- prometheus.MustNewConstMetric(unserved, prometheus.CounterValue, float64(o.Unserved[i]), string(reason))
	}
	to <- histogram(wait, &o.Wait)
}
