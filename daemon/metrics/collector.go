package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/saccade-dev/saccade/daemon/service"
)

// Source is what is collected from: [service.Service].
type Source interface {
	// Sensors gives a snapshot of each sensor, without waiting for any.
	Sensors() []service.Snapshot
}

// Collector reads every sensor's state when it is asked for, and keeps nothing.
type Collector struct {
	source Source
}

// NewCollector makes a collector, to be registered once for a source.
func NewCollector(source Source) *Collector { return &Collector{source} }

// Register puts a collector of the source, those of the Go runtime and of the process,
// and the build's into a registry. The error is the registry's: what is there twice.
func Register(r prometheus.Registerer, source Source) error {
	for _, c := range []prometheus.Collector{
		NewCollector(source),
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
	for _, m := range running {
		to <- m.desc
	}
	for _, m := range every {
		to <- m.desc
	}
	for _, m := range layered {
		to <- m.desc
	}
	describeNetworks(to)
	to <- results
	to <- layerResults
	to <- info
}

// Collect implements [prometheus.Collector].
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	for _, s := range c.source.Sensors() {
		name := s.Status.Sensor
		send(to, every, &s, name)
		if !s.Running {
			continue
		}
		send(to, running, &s, name)
		sendLayers(to, &s, name)
		sendNetwork(to, &s, name)
		for _, r := range resultsOf {
			v := since(r.now(&s), r.before(&s.Before))
			to <- prometheus.MustNewConstMetric(results, prometheus.CounterValue, v, name, r.name)
		}
		to <- prometheus.MustNewConstMetric(info, prometheus.GaugeValue, 1, name,
			s.Status.Device, s.Status.Encoding, strconv.Itoa(s.Status.Width), strconv.Itoa(s.Status.Height))
	}
}

func send(to chan<- prometheus.Metric, metrics []metric, s *service.Snapshot, name string) {
	for _, m := range metrics {
		if v, there := m.value(s); there && finite(v) {
			to <- prometheus.MustNewConstMetric(m.desc, m.kind, v, name)
		}
	}
}
