package metrics

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/monitor"
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

// signal is a gauge of the latest complete interval.
func signal(name, help string, value func(s *monitor.Signals) (float64, bool)) metric {
	return metric{describe(name, help), prometheus.GaugeValue, func(s *service.Snapshot) (float64, bool) {
		if s.Status.Interval == nil {
			return 0, false
		}
		return value(&s.Status.Interval.All)
	}}
}

// threshold is a gauge of what there is as soon as there is a layer.
func threshold(name, help string, value func(*bus.Status) float64) metric {
	return metric{describe(name, help), prometheus.GaugeValue, func(s *service.Snapshot) (float64, bool) {
		return value(&s.Status), s.Status.Width > 0
	}}
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

	gauge("layer_events", "Events that the sensor's present layer was given in all its life, which intervals and changes count in.",
		func(s *service.Snapshot) float64 { return float64(s.LayerEvents) }),
	gauge("learning", "1 where learning is on, 0 where it is frozen.",
		func(s *service.Snapshot) float64 { return truth(s.Status.Learning) }),
	gauge("settled", "1 where the layer has settled and not drifted since, as its thresholds and outputs tell, 0 otherwise.",
		func(s *service.Snapshot) float64 { return truth(s.Status.Settled) }),
	{
		describe("last_change_layer_events", "Value of saccade_layer_events at which the layer last settled or drifted."),
		prometheus.GaugeValue,
		func(s *service.Snapshot) (float64, bool) {
			if s.Status.Change == nil {
				return 0, false
			}
			return float64(s.Status.Change.At), true
		},
	},
	{
		describe("last_message_timestamp_seconds", "When the last message was taken from the queue, in Unix time."),
		prometheus.GaugeValue,
		func(s *service.Snapshot) (float64, bool) {
			return float64(s.Handled.UnixNano()) / 1e9, !s.Handled.IsZero()
		},
	},

	signal("missed_ratio", "Share of missed events among those that the layer looked at.",
		func(s *monitor.Signals) (float64, bool) { return s.MissedRate, s.Hits+s.Missed > 0 }),
	signal("misses_per_hit_ratio", "Missed events for each that won a feature.",
		func(s *monitor.Signals) (float64, bool) { return s.MissesPerHit, s.Hits > 0 }),
	{
		describe("misses_per_hit_to_balance_ratio", "Misses per hit by what they are where thresholds stand still: 1 at balance, missing without learning."),
		prometheus.GaugeValue,
		func(s *service.Snapshot) (float64, bool) {
			b := s.Status.Balance
			if b == nil || b.Expected == 0 || s.Status.Interval.All.Hits == 0 {
				return 0, false
			}
			return b.Ratio, true
		},
	},
	threshold("threshold_mean_cosine", "Selection thresholds at present: mean over the neurons.",
		func(s *bus.Status) float64 { return s.ThresholdMean }),
	threshold("threshold_least_cosine", "Selection thresholds at present: the least.",
		func(s *bus.Status) float64 { return s.ThresholdMin }),
	threshold("threshold_greatest_cosine", "Selection thresholds at present: the greatest.",
		func(s *bus.Status) float64 { return s.ThresholdMax }),
	signal("threshold_deviation_cosine", "Selection thresholds: standard deviation over the neurons, the mean of the latest interval.",
		func(s *monitor.Signals) (float64, bool) { return s.ThresholdSD, true }),
	signal("threshold_change_cosine_per_event", "Selection thresholds: how far one moves from sample to sample, on the average, by events.",
		func(s *monitor.Signals) (float64, bool) { return s.ThresholdChange / 1000, true }),
	{
		describe("weight_change_ratio", "How far features turned in the latest interval, the mean of 1 - cosine, for comparison: settling and drift are found without it."),
		prometheus.GaugeValue,
		func(s *service.Snapshot) (float64, bool) {
			in := s.Status.Interval
			if in == nil || in.WeightChange == nil {
				return 0, false
			}
			return *in.WeightChange, true
		},
	},
	signal("usage_entropy_ratio", "Entropy of the features' shares of hits by that of features used alike: 1 where all are.",
		func(s *monitor.Signals) (float64, bool) { return s.UsageRelative, s.Hits > 0 }),
	signal("usage_variation_ratio", "Standard deviation of the features' shares of hits by their mean: 0 where all are used alike.",
		func(s *monitor.Signals) (float64, bool) { return s.UsageCV, s.Hits > 0 }),
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
	results = describe("event_results_total", "Events by what became of them: hit (a feature won), missed, border, outside, noise, ignored.", "result")
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
