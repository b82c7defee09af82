package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
)

// layerLabel is the number of a layer, from 1, as commands have it.
const layerLabel = "layer"

// layerMetric is one number of a layer, a gauge.
type layerMetric struct {
	desc  *prometheus.Desc
	value func(*bus.LayerStatus) (v float64, there bool)
}

func ofLayer(name, help string, value func(*bus.LayerStatus) (float64, bool)) layerMetric {
	return layerMetric{describe(name, help, layerLabel), value}
}

// moment is of what there is as soon as there is a layer.
func moment(name, help string, value func(*bus.LayerStatus) float64) layerMetric {
	return ofLayer(name, help, func(l *bus.LayerStatus) (float64, bool) { return value(l), true })
}

// signal is of the latest complete interval.
func signal(name, help string, value func(s *monitor.Signals) (float64, bool)) layerMetric {
	return ofLayer(name, help, func(l *bus.LayerStatus) (float64, bool) {
		if l.Interval == nil {
			return 0, false
		}
		return value(&l.Interval.All)
	})
}

// layered are the metrics of every layer of a sensor that has a pipeline and a size.
var layered = []layerMetric{
	moment("layer_events", "Events that the sensor's present layer was given in all its life, which intervals and changes count in.",
		func(l *bus.LayerStatus) float64 { return float64(l.Events) }),
	moment("settled", "1 where the layer has settled and not drifted since, as its thresholds and outputs tell, 0 otherwise.",
		func(l *bus.LayerStatus) float64 { return truth(l.Settled) }),
	ofLayer("last_change_layer_events", "Value of saccade_layer_events at which the layer last settled or drifted.",
		func(l *bus.LayerStatus) (float64, bool) {
			if l.Change == nil {
				return 0, false
			}
			return float64(l.Change.At), true
		}),
	ofLayer("drifting", "1 where the layer has drifted from what it had settled to and not settled again, 0 where not.",
		func(l *bus.LayerStatus) (float64, bool) {
			return truth(l.Change != nil && l.Change.Change == monitor.Drift), true
		}),

	signal("missed_ratio", "Missed rate: missed events by those that features of the layer competed for, missed/(hit+missed), in the latest interval.",
		func(s *monitor.Signals) (float64, bool) { return s.MissedRate, s.Hits+s.Missed > 0 }),
	signal("misses_per_hit_ratio", "Missed events for each that won a feature.",
		func(s *monitor.Signals) (float64, bool) { return s.MissesPerHit, s.Hits > 0 }),
	ofLayer("misses_per_hit_to_balance_ratio", "Misses per hit by what they are where thresholds stand still: 1 at balance, missing without learning.",
		func(l *bus.LayerStatus) (float64, bool) {
			b := l.Balance
			if b == nil || b.Expected == 0 || l.Interval == nil || l.Interval.All.Hits == 0 {
				return 0, false
			}
			return b.Ratio, true
		}),
	moment("threshold_mean_cosine", "Selection thresholds at present: mean over the neurons.",
		func(l *bus.LayerStatus) float64 { return l.ThresholdMean }),
	moment("threshold_least_cosine", "Selection thresholds at present: the least.",
		func(l *bus.LayerStatus) float64 { return l.ThresholdMin }),
	moment("threshold_greatest_cosine", "Selection thresholds at present: the greatest.",
		func(l *bus.LayerStatus) float64 { return l.ThresholdMax }),
	signal("threshold_deviation_cosine", "Selection thresholds: standard deviation over the neurons, the mean of the latest interval.",
		func(s *monitor.Signals) (float64, bool) { return s.ThresholdSD, true }),
	signal("threshold_change_cosine_per_event", "Selection thresholds: how far one moves from sample to sample, on the average, by events.",
		func(s *monitor.Signals) (float64, bool) { return s.ThresholdChange / 1000, true }),
	ofLayer("weight_change_ratio", "How far features turned in the latest interval, the mean of 1 - cosine, for comparison: settling and drift are found without it.",
		func(l *bus.LayerStatus) (float64, bool) {
			if l.Interval == nil || l.Interval.WeightChange == nil {
				return 0, false
			}
			return *l.Interval.WeightChange, true
		}),
	signal("usage_entropy_ratio", "Entropy of the features' shares of hits by that of features used alike: 1 where all are.",
		func(s *monitor.Signals) (float64, bool) { return s.UsageRelative, s.Hits > 0 }),
	signal("usage_variation_ratio", "Standard deviation of the features' shares of hits by their mean: 0 where all are used alike.",
		func(s *monitor.Signals) (float64, bool) { return s.UsageCV, s.Hits > 0 }),
}

var layerResults = describe("layer_event_results_total",
	"Events that a layer was given, by what became of them there: hit, missed, border, outside, noise, ignored. "+
		"A layer behind the first is given the hits of the one before.", layerLabel, resultLabel)

// layerResultsOf counts a layer's events by what became of them.
var layerResultsOf = []struct {
	name   string
	now    func(*bus.LayerStatus) int64
	before func(*feast.Counters) uint64
}{
	{"hit", func(l *bus.LayerStatus) int64 { return l.Features }, func(c *feast.Counters) uint64 { return c.Hits }},
	{"missed", func(l *bus.LayerStatus) int64 { return l.Missed }, func(c *feast.Counters) uint64 { return c.Missed }},
	{"border", func(l *bus.LayerStatus) int64 { return l.Border }, func(c *feast.Counters) uint64 { return c.Border }},
	{"outside", func(l *bus.LayerStatus) int64 { return l.Outside }, func(c *feast.Counters) uint64 { return c.Outside }},
	{"noise", func(l *bus.LayerStatus) int64 { return l.Noise }, func(c *feast.Counters) uint64 { return c.Noise }},
	{"ignored", func(l *bus.LayerStatus) int64 { return l.Ignored }, func(c *feast.Counters) uint64 { return c.Ignored }},
}

// sendLayers tells of all layers of a sensor.
func sendLayers(to chan<- prometheus.Metric, s *service.Snapshot, name string) {
	for i := range s.Status.Layers {
		l, number := &s.Status.Layers[i], strconv.Itoa(i+1)
		for _, m := range layered {
			if v, there := m.value(l); there && finite(v) {
				to <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, v, name, number)
			}
		}
		var before feast.Counters
		if i < len(s.LayersBefore) {
			before = s.LayersBefore[i]
		}
		for _, r := range layerResultsOf {
			to <- prometheus.MustNewConstMetric(layerResults, prometheus.CounterValue, since(r.now(l), r.before(&before)), name, number, r.name)
		}
	}
}
