package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/decide"
)

// networkLayerLabel is the name of a layer of the network over frames, as its topology has it.
const networkLayerLabel = "network_layer"

// networkMetric is a counter of a sensor's network over frames.
type networkMetric struct {
	desc  *prometheus.Desc
	value func(*decide.Counters) uint64
}

// networked are the metrics of a sensor whose model has a network.
var networked = []networkMetric{
	{
		describe("network_frames_total", "Frames that the network over frames was given, empty ones among them."),
		func(c *decide.Counters) uint64 { return c.Frames },
	},
	{
		describe("network_empty_frames_total", "Frames without an event that the network was given."),
		func(c *decide.Counters) uint64 { return c.Empty },
	},
	{
		describe("network_skipped_intervals_total", "Intervals without an event that were left out, as a silence was long."),
		func(c *decide.Counters) uint64 { return c.Skipped },
	},
	{
		describe("network_first_frames_total", "Frames that were the first of a recording, which are computed whole."),
		func(c *decide.Counters) uint64 { return c.First },
	},
	{
		describe("network_first_frame_multiply_adds_total", "Multiply-adds of the first frames of recordings."),
		func(c *decide.Counters) uint64 { return c.FirstMACs },
	},
}

// networkLayerMetric is a counter of a layer of the network.
type networkLayerMetric struct {
	desc  *prometheus.Desc
	value func(*decide.LayerCounters) uint64
}

// networkLayered are the metrics of every layer of a network.
var networkLayered = []networkLayerMetric{
	{
		describe("network_multiply_adds_total", "Multiply-adds that a layer of the network has done.", networkLayerLabel),
		func(l *decide.LayerCounters) uint64 { return l.MACs },
	},
	{
		describe("network_dense_multiply_adds_total", "Multiply-adds of a network that computes everything in every frame.", networkLayerLabel),
		func(l *decide.LayerCounters) uint64 { return l.Dense },
	},
	{
		describe("network_changes_total", "Changes that a layer of the network has passed on.", networkLayerLabel),
		func(l *decide.LayerCounters) uint64 { return l.Sent },
	},
	{
		describe("network_values_total", "Changes that a layer of the network could have passed on: its density is saccade_network_changes_total by this.", networkLayerLabel),
		func(l *decide.LayerCounters) uint64 { return l.Values },
	},
	{
		describe("network_dense_frames_total", "Frames that a layer of the network computed in dense form, as that was cheaper.", networkLayerLabel),
		func(l *decide.LayerCounters) uint64 { return l.DenseSteps },
	},
}

var networkState = describe("network_state_bytes", "What a layer of the network remembers from frame to frame.", networkLayerLabel)

func describeNetworks(to chan<- *prometheus.Desc) {
	for _, m := range networked {
		to <- m.desc
	}
	for _, m := range networkLayered {
		to <- m.desc
	}
	to <- networkState
}

// sendNetwork tells of a sensor's network over frames, where it has one.
func sendNetwork(to chan<- prometheus.Metric, s *service.Snapshot, name string) {
	n := s.Status.Network
	if n == nil {
		return
	}
	before := counted(s, n)
	for _, m := range networked {
		to <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, gained(m.value(&n.Counters), m.value(&before)), name)
	}
	for i := range n.Layers {
		l, was := &n.Layers[i], &before.Layers[i]
		for _, m := range networkLayered {
			to <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, gained(m.value(l), m.value(was)), name, l.Layer)
		}
		to <- prometheus.MustNewConstMetric(networkState, prometheus.GaugeValue, float64(l.StateBytes), name, l.Layer)
	}
}

// counted is what the network had counted before the daemon, with a layer for each.
func counted(s *service.Snapshot, n *bus.NetworkStatus) decide.Counters {
	before := s.NetworkBefore
	if len(before.Layers) != len(n.Layers) {
		before = decide.Counters{Layers: make([]decide.LayerCounters, len(n.Layers))}
	}
	return before
}

func gained(now, before uint64) float64 {
	if now < before {
		return float64(now)
	}
	return float64(now - before)
}
