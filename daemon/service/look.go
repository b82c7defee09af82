package service

import (
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// lookEvery is how many events there are between two looks at a layer's thresholds: a
// look goes through all of them, and messages may be short.
const lookEvery = 1024

// look is what was seen of a layer when it was looked at last.
type look struct {
	layer           *feast.Layer
	before          uint64 // events of the sensor before this layer
	events          uint64 // of the sensor, by then
	mean, low, high float64
}

// at looks at a layer if it is time, or if what is seen must be fresh.
func (l *look) at(layer *feast.Layer, events uint64, fresh bool) {
	if l.layer != layer {
		l.layer, l.before = layer, events-layer.Counters().Events()
		fresh = true
	}
	if !fresh && events-l.events < lookEvery {
		return
	}
	l.events = events
	thresholds := layer.Thresholds()
	low, high, sum := thresholds[0], thresholds[0], int64(0)
	for _, t := range thresholds {
		low, high, sum = min(low, t), max(high, t), sum+int64(t)
	}
	const one = 1 << hw.ThresholdFraction
	l.low, l.high = float64(low)/one, float64(high)/one
	l.mean = float64(sum) / float64(len(thresholds)) / one
}
