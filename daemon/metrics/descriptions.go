package metrics

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
)

const (
	namespace   = "saccade"
	sensorLabel = "sensor"
)

// metric is one number of a sensor.
type metric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*service.Snapshot) (v float64, there bool)
}

func counter(name, help string, value func(s *service.Snapshot) float64) metric {
	return metric{describe(name, help), prometheus.CounterValue, always(value)}
}

func gauge(name, help string, value func(s *service.Snapshot) float64) metric {
	return metric{describe(name, help), prometheus.GaugeValue, always(value)}
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, append([]string{sensorLabel}, labels...), nil)
}

func always(value func(s *service.Snapshot) float64) func(*service.Snapshot) (float64, bool) {
	return func(s *service.Snapshot) (float64, bool) { return value(s), true }
}

// since is what was counted since the daemon took the sensor in. Counters of a
// pipeline do not run back; were one to, it would have begun anew.
func since(now int64, before uint64) float64 {
	if now < 0 || uint64(now) < before {
		return float64(now)
	}
	return float64(uint64(now) - before)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// running are the metrics of a sensor that has a pipeline.
var running = []metric{
	counter("events_total", "Events that were decoded: the sum of saccade_event_results_total over its results.",
		func(s *service.Snapshot) float64 { return since(s.Status.Events, s.Before.Events) }),
	counter("messages_total", "Messages that the pipeline took, duplicates and rejected ones among them.",
		func(s *service.Snapshot) float64 { return since(s.Status.Messages, s.Before.Messages) }),
	counter("duplicate_messages_total", "Messages that were sent again though they had been processed.",
		func(s *service.Snapshot) float64 { return since(s.Status.Duplicates, s.Before.Duplicates) }),
	counter("missing_messages_total", "Gaps: messages that the numbers of others say are missing.",
		func(s *service.Snapshot) float64 { return since(s.Status.Gaps, s.Before.Gaps) }),
	counter("recordings_total", "Recordings that ended.",
		func(s *service.Snapshot) float64 { return since(s.Status.Recordings, s.Before.Recordings) }),
	counter("labels_total", "Labels that were given.",
		func(s *service.Snapshot) float64 { return since(s.Status.Labels, s.Before.Labels) }),
	counter("received_bytes_total", "Bytes of messages that were taken from the queue.",
		func(s *service.Snapshot) float64 { return float64(s.Status.Bytes) }),

	counter("device_failures_total", "How often what computes has failed, see saccade_sensor_info and the status for what goes on in its stead.",
		func(s *service.Snapshot) float64 { return float64(s.DeviceFailures) }),

	gauge("learning", "1 where learning is on, 0 where it is frozen.",
		func(s *service.Snapshot) float64 { return truth(s.Status.Learning) }),
	{
		describe("last_message_timestamp_seconds", "When the last message was taken from the queue, in Unix time."),
		prometheus.GaugeValue,
		func(s *service.Snapshot) (float64, bool) {
			return float64(s.Handled.UnixNano()) / 1e9, !s.Handled.IsZero()
		},
	},
}

// every are the metrics of all sensors, those without a pipeline among them.
var every = []metric{
	counter("rejected_messages_total", "Messages that could not be read in whole, see the sensor's subject .rejects.",
		func(s *service.Snapshot) float64 { return since(s.Status.Rejects, s.Before.Rejects) }),
	counter("refused_messages_total", "Messages that were answered busy, as too much was waiting.",
		func(s *service.Snapshot) float64 { return float64(s.Status.Refused) }),
	gauge("queue_messages", "Messages that wait for the pipeline.",
		func(s *service.Snapshot) float64 { return float64(s.Status.QueueDepth) }),
	gauge("queue_bytes", "Bytes that wait for the pipeline.",
		func(s *service.Snapshot) float64 { return float64(max(s.Status.QueueBytes, 0)) }),
	gauge("broken", "1 where no pipeline could be made for the sensor, 0 otherwise.",
		func(s *service.Snapshot) float64 { return truth(s.Broken != nil) }),
}

var (
	results = describe("event_results_total", "Events by what became of them: hit (a feature won, of the last of several layers), missed, border, outside, noise, ignored.", "result")
	info    = describe("sensor_info", "1, with what the sensor is and what computes for it.", "device", "encoding", "width", "height")
)

// resultsOf counts events by what became of them.
var resultsOf = []struct {
	name   string
	now    func(*service.Snapshot) int64
	before func(*pipeline.Counters) uint64
}{
	{"hit", func(s *service.Snapshot) int64 { return s.Status.Features }, func(c *pipeline.Counters) uint64 { return c.Hits }},
	{"missed", func(s *service.Snapshot) int64 { return s.Status.Missed }, func(c *pipeline.Counters) uint64 { return c.Missed }},
	{"border", func(s *service.Snapshot) int64 { return s.Status.Border }, func(c *pipeline.Counters) uint64 { return c.Border }},
	{"outside", func(s *service.Snapshot) int64 { return s.Status.Outside }, func(c *pipeline.Counters) uint64 { return c.Outside }},
	{"noise", func(s *service.Snapshot) int64 { return s.Status.Noise }, func(c *pipeline.Counters) uint64 { return c.Noise }},
	{"ignored", func(s *service.Snapshot) int64 { return s.Status.Ignored }, func(c *pipeline.Counters) uint64 { return c.Ignored }},
}

// finite keeps what is no number out of a page that others compute with.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
