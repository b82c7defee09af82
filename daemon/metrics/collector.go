package metrics

import (
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/saccade-dev/saccade/daemon/service"
)

// Source is what is collected from: [service.Service].
type Source interface {
	// Sensors gives a snapshot of each sensor, without waiting for any.
	Sensors() []service.Snapshot
	// Overview gives what is of all of them, without waiting for any.
	Overview() service.Overview
}

// Watched is what a collector tells of.
type Watched struct {
	Source Source
	// SensorLabels is how many sensors are told of under their own names; all others are summed under [Others].
	SensorLabels int
	// Ready tells why the daemon takes no messages at the moment, nil where it does. It may be nil itself: then
	// nothing is told of that.
	Ready func() error
}

// Collector reads every sensor's state when it is asked for. It keeps nothing but which sensors have labels of their
// own, and what the others had counted when they were looked at last.
type Collector struct {
	watched Watched

	mu     sync.Mutex
	named  map[string]bool // sensors with labels of their own
	others others
}

// NewCollector makes a collector, to be registered once for a source.
func NewCollector(w Watched) *Collector {
	return &Collector{watched: w, named: map[string]bool{}, others: newOthers()}
}

// Register puts a collector, those of the Go runtime and of the process, and the
// build's into a registry. The error is the registry's: what is there twice.
func Register(r prometheus.Registerer, w Watched) error {
	for _, c := range []prometheus.Collector{
		NewCollector(w),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	} {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}

// Describe implements [prometheus.Collector].
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	describeDaemon(to)
	for _, m := range counters {
		to <- m.desc
	}
	for _, m := range gauges {
		to <- m.desc
	}
	for _, l := range labelled {
		to <- l.desc
	}
	for _, m := range layered {
		to <- m.desc
	}
	describeNetworks(to)
	to <- latency
	to <- layerResults
	to <- info
}

// Collect implements [prometheus.Collector].
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	sensors := c.watched.Source.Sensors()
	c.mu.Lock()
	own, rest := c.split(sensors)
	c.others.look(rest)
	c.others.send(to)
	c.mu.Unlock()
	for _, s := range own {
		send(to, s)
	}
	c.sendDaemon(to, len(rest))
}

// split gives the sensors that have labels of their own, and the rest. A label is its sensor's for as long as that is
// there, so that no series goes over from one to the other and back.
func (c *Collector) split(all []service.Snapshot) (own, rest []*service.Snapshot) {
	there := make(map[string]bool, len(c.named))
	for i := range all {
		if name := all[i].Status.Sensor; c.named[name] {
			there[name] = true
		}
	}
	c.named = there
	for i := range all {
		name := all[i].Status.Sensor
		if !c.named[name] && len(c.named) < c.watched.SensorLabels {
			c.named[name] = true
		}
		if c.named[name] {
			own = append(own, &all[i])
		} else {
			rest = append(rest, &all[i])
		}
	}
	return own, rest
}

// send tells of a sensor under its own name.
func send(to chan<- prometheus.Metric, s *service.Snapshot) {
	name := s.Status.Sensor
	for _, m := range counters {
		if v, there := m.value(s); there {
			to <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, v, append([]string{name}, m.labels...)...)
		}
	}
	for _, m := range gauges {
		if v, there := m.value(s); there && finite(v) {
			to <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, v, name)
		}
	}
	to <- histogram(latency, &s.Latency, name)
	if !s.Running {
		return
	}
	sendLayers(to, s, name)
	sendNetwork(to, s, name)
	to <- prometheus.MustNewConstMetric(info, prometheus.GaugeValue, 1, name,
		s.Status.Device, s.Status.Encoding, strconv.Itoa(s.Status.Width), strconv.Itoa(s.Status.Height))
}
