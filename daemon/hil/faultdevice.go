package hil

import (
	"fmt"
	"math"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

func init() { //nolint:gochecknoinits // it fills the registry
	const (
		event  = "; at: behind so many events"
		rates  = "; rate: of each bit in each cycle"
		place  = "where, in the order of the memory's window, counted around; anywhere where nothing is said"
		bit    = "which; any where nothing is said"
		cycles = "how long; 0, or nothing: for ever"
	)
	memory := map[string]string{"place": place, "bit": bit}
	for _, k := range []struct {
		name, doc  string
		kind       simfpga.FaultKind
		parameters map[string]string
	}{
		{"upset stamp", "a bit of the surface turned over, whatever is under way" + event + rates, simfpga.FlipSurface, memory},
		{"upset match weight", "a bit of a match weight, which no window shows" + event + rates, simfpga.FlipMatch, memory},
		{"upset weight", "a bit of a master weight" + event + rates, simfpga.FlipMaster, memory},
		{"upset threshold", "a bit of a threshold" + event + rates, simfpga.FlipThreshold, memory},
		{"upset squares", "a bit of a sum of squares" + event + rates, simfpga.FlipSquares, memory},
		{"stuck lane", "a multiplier whose product is wrong" + event, simfpga.StuckLane, map[string]string{
			"place": "which lane; any where nothing is said", "stuck": "0: all of its bits are 0; 1: all are 1; 2: one is 0; 3: one is 1", "bit": bit,
		}},
		{"stall", "the clock stands still, and the link with it" + event + "; rate: in each cycle", simfpga.Stall, map[string]string{"cycles": cycles}},
		{"slip", "the clock stands still, and the link's does not" + event + "; rate: in each cycle", simfpga.Slip, map[string]string{"cycles": cycles}},
		{"ready stuck", "the device takes no heed of its full input FIFO, and says nothing" + event, simfpga.ReadyStuck, map[string]string{"cycles": cycles}},
		{"reset", "the device is as at power up" + event, simfpga.Reset, nil},
	} {
		RegisterFault(FaultKind{
			Name: k.name, Doc: k.doc, Parameters: k.parameters,
			New: func(f FaultConfig, _ *hwfpga.Config) (Fault, error) { return newDeviceFault(k.kind, f) },
		})
	}
}

// deviceFault is a fault of sim/fpga's device.
type deviceFault struct {
	fault     simfpga.Fault
	injection *simfpga.Injection // nil until it is there
}

func newDeviceFault(kind simfpga.FaultKind, f FaultConfig) (Fault, error) {
	d := &deviceFault{fault: simfpga.Fault{Kind: kind, Rate: f.Rate, Event: uint64(f.At), Seed: f.Seed}}
	place, bit, cycles, stuck := f.parameter("place", -1), f.parameter("bit", -1), f.parameter("cycles", 0), f.parameter("stuck", 0)
	switch {
	case place < -1 || place > math.MaxInt32:
		return nil, fmt.Errorf("place: expected 0 or more, found %d", place)
	case bit < -1 || bit > 31:
		return nil, fmt.Errorf("bit: expected 0 to 31, found %d", bit)
	case cycles < 0:
		return nil, fmt.Errorf("cycles: expected 0 or more, found %d", cycles)
	case stuck < simfpga.StuckZero || stuck > simfpga.StuckBit1:
		return nil, fmt.Errorf("stuck: expected %d to %d, found %d", simfpga.StuckZero, simfpga.StuckBit1, stuck)
	}
	d.fault.Place, d.fault.Bit, d.fault.Cycles, d.fault.Stuck = int(place), int(bit), uint64(cycles), int(stuck)
	return d, nil
}

// Struck is how often it has struck.
func (d *deviceFault) Struck() int64 {
	if d.injection == nil {
		return 0
	}
	return d.injection.Struck()
}

// Attach implements [ModelFault].
func (d *deviceFault) Attach(device *simfpga.Device) (err error) {
	d.injection, err = device.Inject(d.fault)
	return err
}
