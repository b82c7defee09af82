package feast

import (
	"fmt"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/hw"
)

// Decay is what becomes of the value that an event leaves on its surface.
type Decay string

// The decays.
const (
	DecayExponential Decay = "exponential" // exp(-age/tau); the default
	DecayLinear      Decay = "linear"      // 1 - age/tau, and 0 from tau on
	// DecayIndex counts events in the stead of time: 1 - n/Last where n events came
	// since, of all polarities that the layer sees, on all pixels. It is the same
	// however fast the scene moves.
	DecayIndex Decay = "index"
)

// validateTime checks what has to do with age.
func (c Config) validateTime() error {
	const longest = hw.MaxTau * time.Microsecond
	whole := func(name string, d, least time.Duration) error {
		if d%time.Microsecond != 0 || d < least || d > longest {
			return fmt.Errorf("%s %v: expected whole microseconds from %v to %v", name, d, least, longest)
		}
		return nil
	}
	if err := whole("tau", c.Tau, time.Microsecond); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]Decay{"", DecayExponential, DecayLinear, DecayIndex}, c.Decay):
		return fmt.Errorf("decay %q: expected %q, %q or %q", c.Decay, DecayExponential, DecayLinear, DecayIndex)
	case c.Decay == DecayIndex && (c.Last < 1 || c.Last > MaxLast):
		return fmt.Errorf("last_events %d: expected 1 to %d for decay %q", c.Last, MaxLast, DecayIndex)
	case c.Decay != DecayIndex && c.Last != 0:
		return fmt.Errorf("last_events %d: expected none but for decay %q", c.Last, DecayIndex)
	case c.Decay == DecayIndex && c.Recent != 0:
		return fmt.Errorf("recent %v: expected none for decay %q, whose surface knows no time", c.Recent, DecayIndex)
	}
	return whole("recent", c.Recent, 0)
}

// decay is the decay in integers.
func (c Config) decay() (*hw.Decay, error) {
	scale := hw.PeakBits(c.Elements())
	switch c.Decay {
	case DecayLinear:
		return hw.NewLinearDecay(c.Tau.Microseconds(), scale)
	case DecayIndex:
		return hw.NewLinearDecay(int64(c.Last), scale)
	default:
		return hw.NewDecay(c.Tau.Microseconds(), scale)
	}
}

// recent is the least value of a pixel that fired recently.
func (c Config) recent(d *hw.Decay) int16 {
	age := c.Recent
	if age == 0 {
		if d.Linear {
			return 1
		}
		age = c.Tau
	}
	return max(1, d.Value(uint32(age.Microseconds())))
}
