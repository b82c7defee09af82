package hil

import (
	"fmt"
	"math"
	"math/rand/v2"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

func init() { //nolint:gochecknoinits // it fills the registry
	for _, m := range []struct {
		name, what string
		window     uint32
	}{
		{"flip weight", "a master weight", hwfpga.WindowMaster},
		{"flip threshold", "a threshold", hwfpga.WindowThresholds},
		{"flip stamp", "a stamp of the surface", hwfpga.WindowSurface},
	} {
		RegisterFault(FaultKind{
			Name: m.name, Doc: "one bit of " + m.what + " turned over in the device's memory, through its window",
			Parameters: map[string]string{
				"place": "where, as the window's place register has it; anywhere where nothing is said",
				"bit":   "which; any where nothing is said",
			},
			New: func(f FaultConfig, c *hwfpga.Config) (Fault, error) { return newFlip(m.window, f, c) },
		})
	}
}

// flip turns over bits in a device's memory, between two events.
type flip struct {
	config *hwfpga.Config
	window uint32
	place  int64 // -1: any
	bit    int64 // -1: any
	bits   int64 // that a word has
	rate   float64
	next   int64
	rng    *rand.Rand
	struck int64
}

func newFlip(window uint32, f FaultConfig, c *hwfpga.Config) (Fault, error) {
	l := &flip{
		config: c, window: window, place: f.parameter("place", -1), bit: f.parameter("bit", -1), bits: 32, rate: f.Rate,
		rng: rand.New(rand.NewPCG(f.Seed, 0xf11b)), next: f.At,
	}
	switch window {
	case hwfpga.WindowSurface:
		l.bits = 30 // what is above belongs to no stamp
	case hwfpga.WindowMaster:
		l.bits = 25 // a weight is no longer than one
	}
	switch {
	case l.place < -1 || l.place > math.MaxUint32:
		return nil, fmt.Errorf("place: expected a word of 32 bits, found %d", l.place)
	case l.bit < -1 || l.bit >= l.bits:
		return nil, fmt.Errorf("bit: expected 0 to %d, found %d", l.bits-1, l.bit)
	}
	if l.rate > 0 {
		l.draw(0)
	}
	return l, nil
}

// draw finds the next event that is struck.
func (l *flip) draw(from int64) {
	skipped := math.Floor(math.Log1p(-l.rng.Float64()) / math.Log1p(-l.rate)) // geometric
	l.next = from + int64(min(skipped, MaxEvents))
}

// Struck is how many bits were turned over.
func (l *flip) Struck() int64 { return l.struck }

// Next is the event ahead of which the next bit is turned over.
func (l *flip) Next(from int64) int64 {
	if l.next < from {
		return -1
	}
	return l.next
}

// Strike turns one over.
func (l *flip) Strike(b hwfpga.Bus) error {
	place, bit := uint32(l.place), l.bit
	if l.place < 0 {
		place = l.anywhere()
	}
	if bit < 0 {
		bit = l.rng.Int64N(l.bits)
	}
	for _, step := range []struct{ address, value uint32 }{{hwfpga.RegWindow, l.window}, {hwfpga.RegPlace, place}} {
		if err := b.Write(step.address, step.value); err != nil {
			return err
		}
	}
	v, err := b.Read(hwfpga.RegData)
	if err != nil {
		return err
	}
	if err := b.Write(hwfpga.RegPlace, place); err != nil {
		return err
	}
	if err := b.Write(hwfpga.RegData, v^1<<bit); err != nil {
		return err
	}
	l.struck++
	if l.rate > 0 {
		l.draw(l.next + 1)
	} else {
		l.next = -1
	}
	return complaint(b, fmt.Sprintf("while a fault was put at place %#x of window %d", place, l.window))
}

func (l *flip) anywhere() uint32 {
	c := l.config
	bank := l.rng.Uint32N(uint32(c.Banks()))
	switch l.window {
	case hwfpga.WindowSurface:
		return bank<<31 | l.rng.Uint32N(uint32(c.Height))<<16 | l.rng.Uint32N(uint32(c.Width))
	case hwfpga.WindowMaster:
		side := uint32(c.Side())
		return bank<<31 | l.rng.Uint32N(uint32(c.Neurons))<<16 | l.rng.Uint32N(side)<<8 | l.rng.Uint32N(side)
	}
	return bank<<31 | l.rng.Uint32N(uint32(c.Neurons))<<16
}
