package service

import (
	"slices"
	"sync/atomic"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// reasons are all reasons for which something is rejected, and their order in counts.
var reasons = [...]bus.Reason{
	bus.ReasonSubject, bus.ReasonSensor, bus.ReasonSize, bus.ReasonHeader,
	bus.ReasonEncoding, bus.ReasonGeometry, bus.ReasonPayload, bus.ReasonInternal,
}

// Rejects are how many rejects there were for each of [Reasons], in their order.
type Rejects [len(reasons)]uint64

// Reasons are all reasons for which something is rejected.
func Reasons() []bus.Reason { return slices.Clone(reasons[:]) }

// rejects are Rejects that are added to while others read them.
type rejects [len(reasons)]atomic.Uint64

// add counts a reject. A reason that is not known here is one of processing.
func (r *rejects) add(reason bus.Reason) {
	i := slices.Index(reasons[:], reason)
	if i < 0 {
		i = slices.Index(reasons[:], bus.ReasonInternal)
	}
	r[i].Add(1)
}

func (r *rejects) read() (out Rejects) {
	for i := range r {
		out[i] = r[i].Load()
	}
	return out
}
