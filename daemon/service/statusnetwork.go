package service

import (
	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/decide"
)

// networkLook is what was seen of a sensor's network, of which there may be none.
type networkLook struct {
	of     *decide.Decider
	before decide.Counters // when the daemon took the sensor in; others may see it, so it is never changed
}

// begin says which network there is at the beginning: none, or that of a model or of a
// stored state.
func (l *networkLook) begin(d *decide.Decider) {
	*l = networkLook{of: d}
	if d != nil {
		l.before = d.Counters()
	}
}

// at looks at the network: one that was put in since had counted nothing.
func (l *networkLook) at(d *decide.Decider) *bus.NetworkStatus {
	if l.of != d {
		*l = networkLook{of: d}
	}
	if d == nil {
		return nil
	}
	return bus.NewNetworkStatus(d.Counters())
}
