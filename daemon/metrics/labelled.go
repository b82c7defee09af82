package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
)

// labelled are counters with a label beside the sensor's, whose values are the same few for every sensor.
var labelled = []struct {
	desc *prometheus.Desc
	of   func(desc *prometheus.Desc) []counting
}{
	{
		describe("event_results_total", "Events by what became of them: hit (a feature won, of the last of several layers), missed, border, outside, noise, ignored, and refractory and background, which filters dropped.", resultLabel),
		resultCounters,
	},
	{
		describe("rejects_total", "Rejects by reason: size, header, encoding, geometry and payload are what was sent; sensor is a sensor without a pipeline, processing what was read and could not be processed.", reasonLabel),
		rejectCounters,
	},
}

func labelledCounters() (out []counting) {
	for _, l := range labelled {
		out = append(out, l.of(l.desc)...)
	}
	return out
}

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
	{"refractory", func(s *service.Snapshot) int64 { return s.Status.Filtered.Refractory }, func(c *pipeline.Counters) uint64 { return c.Filtered.Refractory }},
	{"background", func(s *service.Snapshot) int64 { return s.Status.Filtered.Background }, func(c *pipeline.Counters) uint64 { return c.Filtered.Background }},
}

func resultCounters(desc *prometheus.Desc) (out []counting) {
	for _, r := range resultsOf {
		out = append(out, counting{desc, []string{r.name}, running(func(s *service.Snapshot) float64 {
			return since(r.now(s), r.before(&s.Before))
		})})
	}
	return out
}

func rejectCounters(desc *prometheus.Desc) (out []counting) {
	for i, reason := range service.Reasons() {
		out = append(out, counting{desc, []string{string(reason)}, always(func(s *service.Snapshot) float64 {
			return float64(s.Rejected[i])
		})})
	}
	return out
}
