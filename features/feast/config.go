package feast

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// Mode says how polarities are kept apart.
type Mode string

// The modes.
const (
	Split  Mode = "split"  // OFF and ON each have a surface, neurons and thresholds: banks 0 and 1
	Merged Mode = "merged" // both polarities feed one bank
)

// Border says what becomes of an event whose patch crosses the sensor's border.
type Border string

// The borders.
const (
	BorderSkip Border = "skip" // it is skipped; its time is kept
	BorderZero Border = "zero" // the pixels beyond count as never fired
)

// Config describes a layer in the units that people use.
type Config struct {
	Width  int    `json:"width" yaml:"width"`
	Height int    `json:"height" yaml:"height"`
	Mode   Mode   `json:"mode" yaml:"mode"`
	Border Border `json:"border" yaml:"border"`
	// Neurons of each bank.
	Neurons int `json:"neurons" yaml:"neurons"`
	// Radius of the patch: it has (2*Radius+1)^2 pixels.
	Radius int `json:"radius" yaml:"radius"`
	// Tau is the surface's time constant, in whole microseconds.
	Tau time.Duration `json:"tau" yaml:"tau"`
	// Eta is the share of the way that a winner moves towards a context.
	Eta float64 `json:"eta" yaml:"eta"`
	// DeltaI is what a threshold rises by when its neuron wins, DeltaE what all
	// of a bank fall by at a missed event.
	DeltaI float64 `json:"delta_i" yaml:"delta_i"`
	DeltaE float64 `json:"delta_e" yaml:"delta_e"`
	// InitialThreshold of every neuron, a cosine.
	InitialThreshold float64 `json:"initial_threshold" yaml:"initial_threshold"`
	// Seed of the random initial weights.
	Seed uint64 `json:"seed" yaml:"seed"`
}

// Default is the configuration for N-MNIST: 34x34, 16 neurons a polarity, 11x11.
func Default() Config {
	return Config{
		Width: 34, Height: 34, Mode: Split, Border: BorderSkip,
		Neurons: 16, Radius: 5, Tau: 20 * time.Millisecond,
		Eta: 0.001, DeltaI: 0.001, DeltaE: 0.003, InitialThreshold: 0.5, Seed: 1,
	}
}

// The bounds of a configuration.
const (
	MaxNeurons = 4096
	MaxRadius  = 31
	MaxEta     = 0.25
	MaxDelta   = 0.5
)

// Geometry is the sensor's size.
func (c Config) Geometry() events.Geometry {
	return events.Geometry{Width: c.Width, Height: c.Height}
}

// Banks is the number of banks: 2 for Split, 1 for Merged.
func (c Config) Banks() int {
	if c.Mode == Split {
		return 2
	}
	return 1
}

// Features is the number of neurons of all banks.
func (c Config) Features() int { return c.Banks() * c.Neurons }

// Side is the patch's width and height in pixels.
func (c Config) Side() int { return 2*c.Radius + 1 }

// Balance is the rate misses/hits at which the thresholds stand still.
func (c Config) Balance() float64 { return c.DeltaI / (float64(c.Neurons) * c.DeltaE) }

// Validate returns an error that names the first field out of its range.
func (c Config) Validate() error {
	between := func(name string, v, low, high float64) error {
		if !(v >= low && v <= high) { // NaN is refused as well
			return fmt.Errorf("%s %v: expected %v to %v", name, v, low, high)
		}
		return nil
	}
	switch {
	case !c.Geometry().Valid():
		return fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", c.Width, c.Height, events.MaxSide)
	case !slices.Contains([]Mode{Split, Merged}, c.Mode):
		return fmt.Errorf("mode %q: expected %q or %q", c.Mode, Split, Merged)
	case !slices.Contains([]Border{BorderSkip, BorderZero}, c.Border):
		return fmt.Errorf("border %q: expected %q or %q", c.Border, BorderSkip, BorderZero)
	case c.Tau%time.Microsecond != 0 || c.Tau < time.Microsecond || c.Tau > hw.MaxTau*time.Microsecond:
		return fmt.Errorf("tau %v: expected whole microseconds from 1us to %v", c.Tau, hw.MaxTau*time.Microsecond)
	}
	for _, err := range []error{
		between("neurons", float64(c.Neurons), 1, MaxNeurons),
		between("radius", float64(c.Radius), 0, MaxRadius),
		between("eta", c.Eta, 0, MaxEta),
		between("delta_i", c.DeltaI, 0, MaxDelta),
		between("delta_e", c.DeltaE, 0, MaxDelta),
		between("initial_threshold", c.InitialThreshold, -1, 1),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// fixed rounds a number to the given fraction bits. Scaling by a power of two is
// exact, so that every machine gets the same integer.
func fixed(v float64, fraction int) int32 {
	return int32(math.RoundToEven(math.Ldexp(v, fraction)))
}
