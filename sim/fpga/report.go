package fpga

import (
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// usage counts the cycles in which units are busy, and in which they wait.
type usage struct {
	surface, root, scale, match, decide, learn, write uint64

	surfaceWaits, matchWaits uint64
	waits                    [waitCauses]uint64

	inMost, outMost uint32
}

// What a decision waits for.
const (
	waitContext = iota
	waitMatch
	waitNorm
	waitScale
	waitCorrection
	waitLearn
	waitResults

	waitCauses
)

// Unit is how busy a part of the device was.
type Unit struct {
	Name string
	Busy uint64 // cycles
}

// Report is what a device did since its counters were cleared.
type Report struct {
	Cycles, Events, Competed uint64
	Results                  uint64
	DroppedIn, DroppedOut    uint64
	Corrections              uint64
	// Units in the order of the pipeline. The surface is busy while it writes or reads,
	// the decision from an event's token to its result, learning from a decision until
	// the last of what it changes is written.
	Units []Unit
	// Waits are the cycles in which a decision was ready but for what is named.
	Waits []Unit
	// SurfaceWaits are cycles in which an event could not go on to the surface, for all
	// contexts were in use; MatchWaits those in which one could not begin to be matched.
	SurfaceWaits, MatchWaits uint64
	// InMost and OutMost are the most words that the FIFOs held.
	InMost, OutMost int
	In, Out         int // their lengths
	// Delta is what the delta engine did; its Lanes are 0 where there is none.
	Delta DeltaReport
}

// Report says what the device did since its counters were cleared.
func (d *Device) Report() Report {
	u, n := &d.usage, &d.counts
	return Report{
		Cycles: n[fpga.CountCycles], Events: n[fpga.CountEvents], Results: n[fpga.CountResults],
		Competed:  n[fpga.CountWon] + n[fpga.CountMissed] + n[fpga.CountNoise],
		DroppedIn: n[fpga.CountDroppedIn], DroppedOut: n[fpga.CountDroppedOut], Corrections: n[fpga.CountCorrections],
		Units: []Unit{
			{"surface", u.surface},
			{"square root", u.root},
			{"scale", u.scale},
			{"lanes", u.match},
			{"decision", u.decide},
			{"learning", u.learn},
			{"results", u.write},
		},
		Waits: []Unit{
			{"context", u.waits[waitContext]},
			{"dot products", u.waits[waitMatch]},
			{"norm", u.waits[waitNorm]},
			{"scale", u.waits[waitScale]},
			{"corrected dot product", u.waits[waitCorrection]},
			{"learning unit", u.waits[waitLearn]},
			{"room for results", u.waits[waitResults]},
		},
		SurfaceWaits: u.surfaceWaits, MatchWaits: u.matchWaits,
		InMost: int(u.inMost), OutMost: int(u.outMost), In: d.build.In, Out: d.build.Out,
		Delta: d.deltaReport(),
	}
}

// CyclesPerEvent is 0 where there were no events.
func (r *Report) CyclesPerEvent() float64 {
	if r.Events == 0 {
		return 0
	}
	return float64(r.Cycles) / float64(r.Events)
}

// Rate is the number of events a second at a clock in hertz.
func (r *Report) Rate(clock float64) float64 {
	if r.Cycles == 0 {
		return 0
	}
	return float64(r.Events) * clock / float64(r.Cycles)
}

// Limit names what keeps the device from being faster: what decisions waited for the
// longest where they mostly wait, the busiest unit, the input or the output.
func (r *Report) Limit() string {
	busiest, longest := r.Units[0], r.Waits[0]
	var waits uint64
	for _, w := range r.Waits {
		waits += w.Busy
		if w.Busy > longest.Busy {
			longest = w
		}
	}
	for _, u := range r.Units {
		if u.Name == "decision" { // what it does but wait
			u.Busy -= waits
		}
		if u.Name != "learning" && u.Busy > busiest.Busy { // which is a pipeline, and may be busy all the time
			busiest = u
		}
	}
	switch {
	case 10*busiest.Busy >= 9*r.Cycles:
		return busiest.Name
	case longest.Name == "room for results" && 4*longest.Busy >= r.Cycles:
		return longest.Name
	case r.InMost < r.In/2 && 4*longest.Busy < r.Cycles:
		return "input"
	case longest.Busy > 0:
		return longest.Name
	}
	return busiest.Name
}

// Text is the report for people, at a clock in hertz.
func (r *Report) Text(clock float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d events, %d competed, in %d cycles: %.2f cycles an event, %.0f thousand events/s at %g MHz\n",
		r.Events, r.Competed, r.Cycles, r.CyclesPerEvent(), r.Rate(clock)/1e3, clock/1e6)
	share := func(n uint64) float64 { return 100 * float64(n) / float64(max(r.Cycles, 1)) }
	for _, u := range r.Units {
		fmt.Fprintf(&b, "  %-12s busy %5.1f %%\n", u.Name, share(u.Busy))
	}
	for _, w := range r.Waits {
		if w.Busy > 0 {
			fmt.Fprintf(&b, "  decisions waited %5.1f %% for: %s\n", share(w.Busy), w.Name)
		}
	}
	fmt.Fprintf(&b, "  %d results, dropped %d in and %d out, %d dot products corrected\n", r.Results, r.DroppedIn, r.DroppedOut, r.Corrections)
	fmt.Fprintf(&b, "  FIFOs held at most %d of %d words in, %d of %d out; limited by: %s\n", r.InMost, r.In, r.OutMost, r.Out, r.Limit())
	r.Delta.text(&b)
	return b.String()
}
