package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// runEngine is what a device's delta engine did, in all steps.
type runEngine struct {
	Layers        int     `json:"layers"`          // that it had
	Lanes         int     `json:"lanes"`           // multipliers
	Cycles        uint64  `json:"cycles"`          // in which it was anything but idle
	Busy          uint64  `json:"busy_cycles"`     // in which multipliers were at work
	Changes       uint64  `json:"changes"`         // of inputs
	MACs          uint64  `json:"macs"`            // multiply-adds
	Sent          uint64  `json:"sums"`            // that were given back
	CyclesPerStep float64 `json:"cycles_per_step"` // on average
	MACsPerCycle  float64 `json:"macs_per_cycle"`
	Occupancy     float64 `json:"occupancy"` // the share of the multipliers that had something to add, of busy cycles
}

func newRunEngine(c hw.DeltaCounters, layers int, steps uint64) *runEngine {
	return &runEngine{
		Layers: layers, Lanes: c.Lanes, Cycles: c.Cycles, Busy: c.Busy, Changes: c.Changes, MACs: c.MACs, Sent: c.Sent,
		CyclesPerStep: float64(c.Cycles) / float64(max(steps, 1)),
		MACsPerCycle:  float64(c.MACs) / float64(max(c.Cycles, 1)),
		Occupancy:     float64(c.MACs) / float64(max(c.Busy*uint64(c.Lanes), 1)),
	}
}

// text tells it to people.
func (n *runEngine) text() string {
	return fmt.Sprintf("  device  %s on it: %s changes in, %s sums out, %s multiply-adds\n"+
		"          %s cycles, %s a step; %.1f multiply-adds a cycle; %s of %d lanes occupied in %s cycles of adding\n",
		plural(n.Layers, "layer"), grouped(n.Changes), grouped(n.Sent), grouped(n.MACs),
		grouped(n.Cycles), average(n.CyclesPerStep), n.MACsPerCycle, percent(n.Occupancy), n.Lanes, grouped(n.Busy))
}
