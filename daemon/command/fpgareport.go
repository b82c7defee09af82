package command

import (
	"github.com/saccade-dev/saccade/daemon/fpgaserve"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// fpgaReport is what a served device did since its counters were cleared, which hosts do when they configure it.
type fpgaReport struct {
	Cycles         uint64     `json:"cycles"`
	Events         uint64     `json:"events"`
	Competed       uint64     `json:"competed"`
	Results        uint64     `json:"results"`
	DroppedIn      uint64     `json:"dropped_in"`
	DroppedOut     uint64     `json:"dropped_out"`
	Corrections    uint64     `json:"corrections"`
	ClockHz        float64    `json:"clock_hz"`
	CyclesPerEvent float64    `json:"cycles_per_event"`
	EventsPerS     float64    `json:"events_per_s"`
	LimitedBy      string     `json:"limited_by"`
	Units          []fpgaUnit `json:"units"`
	Waits          []fpgaUnit `json:"waits"`
	InMost         int        `json:"in_fifo_most"`
	OutMost        int        `json:"out_fifo_most"`

	Delta *fpgaDeltaReport `json:"delta_engine,omitempty"`
}

// fpgaDeltaReport is what its delta engine did, where it has one.
type fpgaDeltaReport struct {
	Lanes        int     `json:"lanes"`
	Cycles       uint64  `json:"cycles"` // in which it was anything but idle
	Busy         uint64  `json:"busy_cycles"`
	Changes      uint64  `json:"changes"`
	Refused      uint64  `json:"refused"`
	MACs         uint64  `json:"macs"`
	Sent         uint64  `json:"sums"`
	MACsPerCycle float64 `json:"macs_per_cycle"`
	MACsPerS     float64 `json:"macs_per_s"`
	Occupancy    float64 `json:"occupancy"`
	Waits        uint64  `json:"wait_cycles"`        // of changes, for lanes that events had
	ResultWaits  uint64  `json:"result_wait_cycles"` // of sums, for room in the result FIFO
}

func newFPGADeltaReport(r *fpga.DeltaReport, clock float64) *fpgaDeltaReport {
	if r.Lanes == 0 {
		return nil
	}
	return &fpgaDeltaReport{
		Lanes: r.Lanes, Cycles: r.Active, Busy: r.Busy, Changes: r.Changes, Refused: r.Refused, MACs: r.MACs, Sent: r.Sent,
		MACsPerCycle: r.Rate(), MACsPerS: r.Rate() * clock, Occupancy: r.Occupancy(), Waits: r.Waits, ResultWaits: r.WaitsForResults,
	}
}

type fpgaUnit struct {
	Name string  `json:"name"`
	Busy float64 `json:"share"` // of the cycles
}

func (c *fpgaServeCmd) report(e *env, s *fpgaserve.Server, d *fpga.Device) error {
	r, stats, clock := d.Report(), s.Stats(), 1e6*c.Clock
	if !c.JSON {
		return printf(e.stdout, "since its last configuration: %s  %s, %s refused, %s words in and %s out, %s thrown away for hosts that went\n",
			r.Text(clock), plural(stats.Hosts, "host"), grouped(stats.Refused), grouped(stats.WordsIn), grouped(stats.WordsOut), grouped(stats.Discarded))
	}
	units := func(all []fpga.Unit) []fpgaUnit {
		out := make([]fpgaUnit, len(all))
		for i, u := range all {
			out[i] = fpgaUnit{u.Name, float64(u.Busy) / float64(max(r.Cycles, 1))}
		}
		return out
	}
	return printJSON(e.stdout, struct {
		Report fpgaReport      `json:"report"`
		Hosts  fpgaserve.Stats `json:"link"`
	}{fpgaReport{
		Cycles: r.Cycles, Events: r.Events, Competed: r.Competed, Results: r.Results, DroppedIn: r.DroppedIn, DroppedOut: r.DroppedOut,
		Corrections: r.Corrections, ClockHz: clock, CyclesPerEvent: r.CyclesPerEvent(), EventsPerS: r.Rate(clock), LimitedBy: r.Limit(),
		Units: units(r.Units), Waits: units(r.Waits), InMost: r.InMost, OutMost: r.OutMost,
		Delta: newFPGADeltaReport(&r.Delta, clock),
	}, stats})
}
