package fpga

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// FaultKind is a kind of damage to a device.
type FaultKind int

// What can go wrong in a device.
const (
	FlipSurface   FaultKind = iota // a bit of a stamp, of 31
	FlipMatch                      // a bit of a match weight, of 16
	FlipMaster                     // a bit of a master weight, of 32
	FlipThreshold                  // a bit of a neuron's threshold, of 32
	FlipSquares                    // a bit of a neuron's sum of squares, of 32
	StuckLane                      // what a multiplier gives; see Fault.Stuck
	Stall                          // the clock stands still, and nothing crosses the pins meanwhile
	Slip                           // the clock stands still, and the host's does not: it sees the pins as they were, again in every cycle
	ReadyStuck                     // the pin says that words are taken, whether they are or not
	Reset                          // everything is as it was at power up

	faultKinds
)

// What Fault.Stuck can be beside StuckBit0 and StuckBit1 with a bit.
const (
	StuckZero = iota // all bits of the product are 0
	StuckOnes        // all are 1: it is -1
	StuckBit0        // one bit is 0
	StuckBit1        // one bit is 1
)

// Fault is something that breaks in a device.
type Fault struct {
	Kind FaultKind
	// Rate is the probability, for flips of each bit of the memory in each cycle, for others in each cycle; with 0, it
	// strikes once, when Event events have left the input FIFO since the counters were cleared.
	Rate  float64
	Event uint64
	Seed  uint64
	// Place is the word of the memory as it is configured, in the order of the window, modulo their number; -1 for
	// any. Of StuckLane it is the lane.
	Place int
	Bit   int // -1 for any
	// Cycles is how long a Stall, a Slip or a stuck pin lasts; 0 is for ever, as StuckLane is.
	Cycles uint64
	Stuck  int
}

// Injection is a fault that was put into a device.
type Injection struct {
	fault  Fault
	rng    *rand.Rand
	ticks  uint64 // cycles of the world outside, whatever the device's clock does
	next   float64
	struck int64
	first  uint64 // tick of the first strike
	event  uint64 // events that had left the FIFO then
	active bool
	until  uint64 // tick; 0: for ever
}

// Struck is how often it has struck; safe to ask between two cycles.
func (i *Injection) Struck() int64 { return i.struck }

// First is when it struck first: the number of the cycle, from when it was put in, and of events that had left the input
// FIFO.
func (i *Injection) First() (cycle, event uint64) { return i.first, i.event }

// Cycle is the number of cycles that have passed since it was put in, those of a clock that stood still among them.
func (i *Injection) Cycle() uint64 { return i.ticks }

// Inject puts a fault into the device, beside those that are there; a device that is reset keeps them. A fault that cannot
// be is an error.
func (d *Device) Inject(f Fault) (*Injection, error) {
	bits := f.bits()
	switch {
	case f.Kind < 0 || f.Kind >= faultKinds:
		return nil, fmt.Errorf("fpga: fault: expected a kind of 0 to %d, found %d", int(faultKinds)-1, int(f.Kind))
	case !(f.Rate >= 0 && f.Rate <= 1):
		return nil, fmt.Errorf("fpga: fault: expected a rate of 0 to 1, found %v", f.Rate)
	case f.Bit < -1 || f.Bit >= bits:
		return nil, fmt.Errorf("fpga: fault: expected a bit of -1 to %d, found %d", bits-1, f.Bit)
	case f.Place < -1 || f.Kind == StuckLane && f.Place >= d.build.Lanes:
		return nil, fmt.Errorf("fpga: fault: expected a place of -1 or more, of a lane below %d, found %d", d.build.Lanes, f.Place)
	case f.Stuck < StuckZero || f.Stuck > StuckBit1:
		return nil, fmt.Errorf("fpga: fault: expected a lane stuck in ways %d to %d, found %d", StuckZero, StuckBit1, f.Stuck)
	}
	i := &Injection{fault: f, rng: rand.New(rand.NewPCG(f.Seed, 0x1a7ec7))}
	if f.Kind == StuckLane && f.Place < 0 {
		i.fault.Place = i.rng.IntN(d.build.Lanes)
	}
	if f.Kind == StuckLane && f.Bit < 0 {
		i.fault.Bit = i.rng.IntN(bits)
	}
	i.next = -1
	d.injected = append(d.injected, i)
	return i, nil
}

// bits is how many bits a word of what is broken has.
func (f *Fault) bits() int {
	switch f.Kind {
	case FlipSurface:
		return 31
	case FlipMatch:
		return 16
	}
	return 32
}

// inject lets faults strike ahead of a cycle, and tells whether the clock stands still in it. What lasts begins with the
// next cycle: the pins were what they were ahead of this one.
func (d *Device) inject() (still bool) {
	for _, i := range d.injected {
		i.ticks++
		still = still || i.active && (i.fault.Kind == Stall || i.fault.Kind == Slip)
		switch i.fault.Kind {
		case FlipSurface, FlipMatch, FlipMaster, FlipThreshold, FlipSquares:
			i.flips(d)
		case Reset:
			if i.due(d) {
				i.strike(d)
				d.Restart()
			}
		default:
			if i.active && i.until > 0 && i.ticks >= i.until {
				i.active = false
			}
			if !i.active && i.due(d) {
				i.strike(d)
				i.active = true
				if i.until = 0; i.fault.Cycles > 0 {
					i.until = i.ticks + i.fault.Cycles
				}
			}
		}
	}
	return still
}

// strike notes that it happens.
func (i *Injection) strike(d *Device) {
	if i.struck == 0 {
		i.first, i.event = i.ticks, d.counts[fpga.CountEvents]
	}
	i.struck++
}

// due tells whether a fault that is not a flip strikes now.
func (i *Injection) due(d *Device) bool {
	switch {
	case !d.configured || d.wipe > 0:
		return false
	case i.fault.Rate > 0:
		return i.rng.Float64() < i.fault.Rate
	}
	return i.struck == 0 && d.counts[fpga.CountEvents] > i.fault.Event
}

// flips turns over the bits whose turn is in this cycle.
func (i *Injection) flips(d *Device) {
	if !d.configured || d.wipe > 0 {
		return
	}
	words := d.wordsOf(i.fault.Kind)
	if i.fault.Rate == 0 {
		if i.due(d) {
			i.flip(d, words)
		}
		return
	}
	// The bits of all cycles are one long row, in which flips are geometrically far apart.
	all := float64(words * i.fault.bits())
	for i.next < 0 {
		i.next = i.skip()
	}
	for i.next < all {
		i.flip(d, words)
		i.next += 1 + i.skip()
	}
	i.next -= all
}

func (i *Injection) skip() float64 {
	return math.Floor(math.Log1p(-i.rng.Float64()) / math.Log1p(-i.fault.Rate))
}

func (i *Injection) flip(d *Device, words int) {
	place, bit := i.fault.Place%words, i.fault.Bit
	if i.fault.Place < 0 {
		place = i.rng.IntN(words)
	}
	if bit < 0 {
		bit = i.rng.IntN(i.fault.bits())
	}
	i.strike(d)
	d.flip(i.fault.Kind, place, bit)
}

// Restart makes the device what it is at power up: not configured, all memories 0. Faults that were put in stay.
func (d *Device) Restart() {
	fresh, err := NewDevice(d.build)
	if err != nil {
		panic(PanicReset)
	}
	fresh.injected = d.injected
	*d = *fresh
}

// PanicReset is the panic of Restart for a device whose build is none; there is no such device.
const PanicReset = "fpga: a device of a build that cannot be"
