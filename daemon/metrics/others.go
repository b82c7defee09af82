package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/service"
)

// Others is the label of all sensors that have none of their own. It is no name that a sensor can have.
const Others = "(others)"

// others sums what sensors without labels of their own have counted, so that a sum goes on where a sensor goes: a
// counter must not fall.
type others struct {
	ever   bool // there was one
	totals []float64
	told   []bool // of which of them there was ever one to tell
	timed  service.Latency
	last   map[string]*looked

	gauges []float64 // of those that are there now
	there  []bool
}

// looked is what a sensor had counted when it was looked at last.
type looked struct {
	counted []float64
	timed   service.Latency
}

func newOthers() others {
	return others{
		totals: make([]float64, len(counters)), told: make([]bool, len(counters)), last: map[string]*looked{},
		gauges: make([]float64, len(gauges)), there: make([]bool, len(gauges)),
	}
}

// look adds what the sensors have counted since they were looked at last. Whoever is not among them has gone.
func (o *others) look(sensors []*service.Snapshot) {
	o.ever = o.ever || len(sensors) > 0
	before := o.last
	o.last = make(map[string]*looked, len(sensors))
	clear(o.gauges)
	clear(o.there)
	for _, s := range sensors {
		l := before[s.Status.Sensor]
		if l == nil {
			l = &looked{counted: make([]float64, len(counters))}
		}
		o.last[s.Status.Sensor] = l
		for i, m := range counters {
			if v, there := m.value(s); there {
				o.totals[i] += more(v, l.counted[i])
				l.counted[i], o.told[i] = v, true
			}
		}
		o.time(&l.timed, &s.Latency)
		for i, m := range gauges {
			v, there := m.value(s)
			switch {
			case !there || !finite(v):
			case o.there[i]:
				o.gauges[i] = m.of(o.gauges[i], v)
			default:
				o.gauges[i], o.there[i] = v, true
			}
		}
	}
}

// more is by how much a counter rose. One that fell has begun anew.
func more(now, before float64) float64 {
	if now < before {
		return now
	}
	return now - before
}

func (o *others) time(last, now *service.Latency) {
	for i, n := range now.Counts {
		before := last.Counts[i]
		if n < before {
			before = 0
		}
		o.timed.Counts[i] += n - before
	}
	before := last.Sum
	if now.Sum < before {
		before = 0
	}
	o.timed.Sum += now.Sum - before
	*last = *now
}

// send tells of the others, where there were ever any.
func (o *others) send(to chan<- prometheus.Metric) {
	if !o.ever {
		return
	}
	for i, m := range counters {
		if !o.told[i] {
			continue
		}
		to <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, o.totals[i], append([]string{Others}, m.labels...)...)
	}
	for i, m := range gauges {
		if o.there[i] {
			to <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, o.gauges[i], Others)
		}
	}
	to <- histogram(latency, &o.timed, Others)
}
