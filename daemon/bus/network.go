package bus

import "github.com/saccade-dev/saccade/features/decide"

// NetworkStatus is what a sensor's network over frames has done since it was put in, in
// earlier runs of the daemon too, where the sensor had a state.
type NetworkStatus struct {
	decide.Counters
	MACs       uint64 `json:"macs"`        // multiply-adds done, of all layers
	DenseMACs  uint64 `json:"dense_macs"`  // those of a network that computes everything in every frame
	Sent       uint64 `json:"sent"`        // changes that layers passed on
	StateBytes int    `json:"state_bytes"` // what all layers remember from frame to frame
}

// NewNetworkStatus is the status of a network that has counted so much.
func NewNetworkStatus(c decide.Counters) *NetworkStatus {
	s := &NetworkStatus{Counters: c, Sent: c.Sent(), StateBytes: c.StateBytes()}
	s.MACs, s.DenseMACs = c.MACs()
	return s
}
