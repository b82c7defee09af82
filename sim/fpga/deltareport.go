package fpga

import (
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// deltaUsage counts cycles of waiting.
type deltaUsage struct{ waits, roomWaits uint64 }

// DeltaReport is what a delta engine did since its counters were cleared.
type DeltaReport struct {
	Lanes           int
	Active          uint64 // cycles in which it was not idle
	Busy            uint64 // cycles in which it began a word of weights
	Changes         uint64
	Refused         uint64 // changes of what there is not
	MACs            uint64
	Sent            uint64 // sums
	Waits           uint64 // cycles in which a change waited for the lanes, which events had
	WaitsForResults uint64 // cycles in which a sum waited for room in the result FIFO
}

func (d *Device) deltaReport() DeltaReport {
	e := &d.delta
	if !e.there() {
		return DeltaReport{}
	}
	n := &e.counts
	return DeltaReport{
		Lanes: e.lanes, Active: n[fpga.DeltaActive], Busy: n[fpga.DeltaBusy], Changes: n[fpga.DeltaTaken], Refused: n[fpga.DeltaRefused],
		MACs: n[fpga.DeltaMACs], Sent: n[fpga.DeltaSent], Waits: e.usage.waits, WaitsForResults: e.usage.roomWaits,
	}
}

// Occupancy is the share of the lanes that had something to add, of the cycles in which they were at work.
func (r *DeltaReport) Occupancy() float64 {
	return float64(r.MACs) / float64(max(r.Busy*uint64(r.Lanes), 1))
}

// Rate is the multiply-adds a cycle in which the engine was not idle.
func (r *DeltaReport) Rate() float64 { return float64(r.MACs) / float64(max(r.Active, 1)) }

// text says it for people, where there is anything to say.
func (r *DeltaReport) text(b *strings.Builder) {
	if r.Changes+r.Refused+r.Sent == 0 {
		return
	}
	fmt.Fprintf(b, "  delta engine: %d changes, %d multiply-adds in %d cycles, %.1f a cycle; %d cycles of adding with %.1f %% of %d lanes, %d sums sent\n",
		r.Changes, r.MACs, r.Active, r.Rate(), r.Busy, 100*r.Occupancy(), r.Lanes, r.Sent)
	fmt.Fprintf(b, "  changes waited %d cycles for the lanes, sums %d for room; %d changes refused\n", r.Waits, r.WaitsForResults, r.Refused)
}
