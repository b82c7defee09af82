package feast

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// Anneal lets learning slow down: the rates eta, dI and dE of a bank are multiplied
// by Factor each time that so many of its events have come while learning was on,
// until Floor of what they were at first is left. As all three fall alike, misses per
// hit at balance stay what they are. The zero value leaves the rates alone.
//
// It counts events, those at the border among them, and so gives the same bits
// however the stream was cut into packets.
type Anneal struct {
	// Every is how many events of a bank there are from one step to the next.
	Every uint64 `json:"every_events" yaml:"every_events"`
	// Factor is 0 to 0.99; with 0, learning stops at the first step, but for Floor.
	Factor float64 `json:"factor" yaml:"factor"`
	// Floor is 0 to 1, a share of the rates that the configuration gives.
	Floor float64 `json:"floor,omitempty" yaml:"floor,omitempty"`
}

// MaxFactor is the largest factor of an [Anneal].
const MaxFactor = 0.99

func (a Anneal) validate() error {
	switch {
	case a == Anneal{}:
		return nil
	case a.Every == 0:
		return fmt.Errorf("anneal: every_events 0: expected 1 or more")
	case !(a.Factor >= 0 && a.Factor <= MaxFactor):
		return fmt.Errorf("anneal: factor %v: expected 0 to %v", a.Factor, MaxFactor)
	case !(a.Floor >= 0 && a.Floor <= 1):
		return fmt.Errorf("anneal: floor %v: expected 0 to 1", a.Floor)
	}
	return nil
}

// nothing is a share of rates that leaves nothing of any of them in integers.
const nothing = 1.0 / (1 << 40)

// Share is what is left of the rates of a bank that has learned from so many events.
// It is a product in one order, and so the same number on every machine.
func (a Anneal) Share(learned uint64) float64 {
	share := 1.0
	if a.Every == 0 {
		return share
	}
	for range learned / a.Every {
		share *= a.Factor
		if share <= a.Floor {
			return a.Floor
		}
		if share < nothing {
			return 0
		}
	}
	return share
}

// setRates gives a bank the rates that it has after what it has learned.
func (b *bank) setRates(c *Config) {
	share := c.Anneal.Share(b.learned)
	b.Eta = fixed(float64(c.Eta*share), hw.EtaFraction)
	b.DeltaI = fixed(float64(c.DeltaI*share), hw.ThresholdFraction)
	b.DeltaE = fixed(float64(c.DeltaE*share), hw.ThresholdFraction)
}

// runAnnealed takes some of the bank's events through the rule, and changes the rates between
// those where a step is due.
func (l *Layer) runAnnealed(b *bank, steps []hw.Step) {
	every := l.config.Anneal.Every
	for len(steps) > 0 {
		n := len(steps)
		if left := every - b.learned%every; left < uint64(n) {
			n = int(left)
		}
		l.kernels.Run(b.Bank, steps[:n])
		steps = steps[n:]
		b.learned += uint64(n)
		if b.learned%every == 0 {
			b.setRates(&l.config)
		}
	}
}

// takeRates takes over what another worker's part of the bank has come to.
func (b *bank) takeRates(from *bank) {
	b.learned, b.Eta, b.DeltaI, b.DeltaE = from.learned, from.Eta, from.DeltaI, from.DeltaE
}
