package service

import (
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// lookEvery is how many events there are between two looks at thresholds: a look goes
// through all of them, and messages may be short.
const lookEvery = 1024

// look is what was seen of a sensor's layers when they were looked at last.
type look struct {
	of     *stack.Stack
	layers []layerLook
	before []feast.Counters // when the daemon took the sensor in; others may see it, so it is never changed
	others feast.Counters   // what the sensor had counted before these layers
	events uint64           // of the sensor, when thresholds were looked at
}

// layerLook is what was seen of one layer.
type layerLook struct {
	config          feast.Config
	counters        feast.Counters
	mean, low, high float64 // of the thresholds

	// Missed events are told of the time between two statuses.
	hits, missed uint64  // by the last status
	rate         float64 // before it
}

// begin says which layers there are at the beginning, none or those of a stored state.
func (l *look) begin(layers *stack.Stack, c *pipeline.Counters) {
	l.turn(layers, c)
	for i := range l.layers {
		c := layers.Layer(i).Counters()
		l.before[i], l.layers[i].hits, l.layers[i].missed = c, c.Hits, c.Missed
	}
}

// turn looks at other layers, of which nothing is known.
func (l *look) turn(layers *stack.Stack, c *pipeline.Counters) {
	*l = look{of: layers}
	if layers == nil {
		return
	}
	l.others = less(results(c), layers.Counters())
	l.layers, l.before = make([]layerLook, layers.Len()), make([]feast.Counters, layers.Len())
	for i := range l.layers {
		l.layers[i].config = layers.Layer(i).Config()
	}
}

// at looks at the layers: what they have counted every time, and their thresholds if it
// is time, or if what is seen must be fresh. layers may be nil.
func (l *look) at(layers *stack.Stack, c *pipeline.Counters, fresh bool) {
	if l.of != layers {
		l.turn(layers, c)
		fresh = true
	}
	fresh = fresh || c.Events-l.events >= lookEvery
	if fresh {
		l.events = c.Events
	}
	// The last layer may have thousands of features, whose wins are copied whenever it is
	// asked for its counters. But they are known: what the sensor has counted and no other
	// layer has.
	rest := less(results(c), l.others)
	for i := range l.layers {
		layer := layers.Layer(i)
		if i < len(l.layers)-1 {
			l.layers[i].counters = layer.Counters()
			hits := rest.Hits
			rest = less(rest, l.layers[i].counters)
			rest.Hits = hits // the sensor's are the last layer's alone
		} else {
			l.layers[i].counters = rest
		}
		if fresh {
			l.layers[i].thresholds(layer.Thresholds())
		}
	}
}

// results are what became of a sensor's events.
func results(c *pipeline.Counters) feast.Counters {
	return feast.Counters{Hits: c.Hits, Missed: c.Missed, Border: c.Border, Outside: c.Outside, Noise: c.Noise, Ignored: c.Ignored}
}

// less is what was counted without a part of it, by results alone.
func less(all, part feast.Counters) feast.Counters {
	return feast.Counters{
		Hits: all.Hits - part.Hits, Missed: all.Missed - part.Missed, Border: all.Border - part.Border,
		Outside: all.Outside - part.Outside, Noise: all.Noise - part.Noise, Ignored: all.Ignored - part.Ignored,
	}
}

func (l *layerLook) thresholds(all []int32) {
	low, high, sum := all[0], all[0], int64(0)
	for _, t := range all {
		low, high, sum = min(low, t), max(high, t), sum+int64(t)
	}
	const one = 1 << hw.ThresholdFraction
	l.low, l.high = float64(low)/one, float64(high)/one
	l.mean = float64(sum) / float64(len(all)) / one
}

// missedRate is that of the time since the last status, or before it where there is none.
func (l *layerLook) missedRate() float64 {
	if rate, there := monitor.MissedRate(l.counters.Hits-l.hits, l.counters.Missed-l.missed); there {
		return rate
	}
	return l.rate
}

// told begins the time of another status.
func (l *look) told() {
	for i := range l.layers {
		one := &l.layers[i]
		one.rate, one.hits, one.missed = one.missedRate(), one.counters.Hits, one.counters.Missed
	}
}
