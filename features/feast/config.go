package feast

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/events"
)

// Mode says what an event's polarity is to the layer.
type Mode string

// The modes.
const (
	Split  Mode = "split"  // OFF and ON each have a surface, neurons and thresholds: banks 0 and 1
	Merged Mode = "merged" // both polarities feed one surface and one bank
	On     Mode = "on"     // ON events feed one bank; OFF events are answered with hw.Ignored
	// Planes is for the events of a layer before: an event's polarity is the number of
	// the feature that won, each feature has a plane of the surface, and a context spans
	// all planes around the event's pixel.
	Planes Mode = "planes"
)

// Border says what becomes of an event whose patch crosses the sensor's border.
type Border string

// The borders.
const (
	BorderSkip Border = "skip" // it is skipped; its time is kept
	BorderZero Border = "zero" // the pixels beyond count as never fired
)

// Inference says what wins where learning is off.
type Inference string

// The ways of inference.
const (
	Nearest    Inference = "nearest"    // the nearest feature, whatever its threshold; the default
	Thresholds Inference = "thresholds" // as while learning: what reaches no threshold is missed, and so is novel
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
	// Tau is the surface's time constant, or the end of a linear decay, in whole
	// microseconds; an index surface has none.
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

	// What follows was added later: a layer without it has the same JSON as before,
	// by which states are known.

	// Planes of the surface in mode Planes, 0 in the others.
	Planes int `json:"planes,omitempty" yaml:"planes,omitempty"`
	// Decay is what becomes of a surface's value with age; Last is how many events it
	// takes to zero in DecayIndex, and 0 in the others.
	Decay Decay `json:"decay,omitempty" yaml:"decay,omitempty"`
	Last  int   `json:"last_events,omitempty" yaml:"last_events,omitempty"`
	// MinRecent is how many pixels of a patch, the event's own among them, must have
	// fired at most Recent before the event for it to compete; what has fewer is
	// noise. Recent is in whole microseconds, and 0 for Tau, or for all that is left of
	// a linear or index decay.
	MinRecent int           `json:"min_recent,omitempty" yaml:"min_recent,omitempty"`
	Recent    time.Duration `json:"recent,omitempty" yaml:"recent,omitempty"`
	// Inference without learning.
	Inference Inference `json:"inference,omitempty" yaml:"inference,omitempty"`
	// Anneal lets learning slow down.
	Anneal Anneal `json:"anneal,omitzero" yaml:"anneal,omitempty"`
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
	MaxPlanes  = 1 << 8
	MaxLast    = 1 << 24
	// MaxElements of a patch, over all planes.
	MaxElements = (2*MaxRadius + 1) * (2*MaxRadius + 1)
	// maxPlaneCells bounds the memory of a surface of many planes: 1 GiB.
	maxPlaneCells = 1 << 28
)

// Geometry is the sensor's size.
func (c Config) Geometry() events.Geometry {
	return events.Geometry{Width: c.Width, Height: c.Height}
}

// Banks is the number of banks: 2 for Split, 1 otherwise.
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

// Elements is the number of values of a context and of a neuron's weights:
// [plane][row][column].
func (c Config) Elements() int { return max(c.Planes, 1) * c.Side() * c.Side() }

// Canonical leaves out what is the default anyway, so that layers that are the same
// have the same configuration.
func (c Config) Canonical() Config {
	if c.Decay == DecayExponential {
		c.Decay = ""
	}
	if c.Inference == Nearest {
		c.Inference = ""
	}
	return c
}

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
	case !slices.Contains([]Mode{Split, Merged, On, Planes}, c.Mode):
		return fmt.Errorf("mode %q: expected %q, %q, %q or %q", c.Mode, Split, Merged, On, Planes)
	case !slices.Contains([]Border{BorderSkip, BorderZero}, c.Border):
		return fmt.Errorf("border %q: expected %q or %q", c.Border, BorderSkip, BorderZero)
	}
	for _, err := range []error{
		c.validateTime(),
		between("neurons", float64(c.Neurons), 1, MaxNeurons),
		between("radius", float64(c.Radius), 0, MaxRadius),
		between("eta", c.Eta, 0, MaxEta),
		between("delta_i", c.DeltaI, 0, MaxDelta),
		between("delta_e", c.DeltaE, 0, MaxDelta),
		between("initial_threshold", c.InitialThreshold, -1, 1),
		c.validatePlanes(),
		between("min_recent", float64(c.MinRecent), 0, float64(max(1, c.Elements()))),
		c.Anneal.validate(),
	} {
		if err != nil {
			return err
		}
	}
	if !slices.Contains([]Inference{"", Nearest, Thresholds}, c.Inference) {
		return fmt.Errorf("inference %q: expected %q or %q", c.Inference, Nearest, Thresholds)
	}
	return nil
}

// validatePlanes needs a geometry and a radius that are valid.
func (c Config) validatePlanes() error {
	if c.Radius < 0 || c.Radius > MaxRadius {
		return nil // that is said already
	}
	switch {
	case c.Mode == Planes && (c.Planes < 1 || c.Planes > MaxPlanes):
		return fmt.Errorf("planes %d: expected 1 to %d in mode %q", c.Planes, MaxPlanes, Planes)
	case c.Mode != Planes && c.Planes != 0:
		return fmt.Errorf("planes %d: expected none in mode %q", c.Planes, c.Mode)
	case c.Elements() > MaxElements:
		return fmt.Errorf("planes %d: expected a patch of at most %d elements, found %d of %dx%d", c.Planes, MaxElements, c.Planes, c.Side(), c.Side())
	case c.Planes*(c.Width+2*c.Radius)*(c.Height+2*c.Radius) > maxPlaneCells:
		return fmt.Errorf("planes %d: expected at most %d pixels in all, found %d planes of %dx%d", c.Planes, maxPlaneCells, c.Planes, c.Width, c.Height)
	}
	return nil
}

// fixed rounds a number to the given fraction bits. Scaling by a power of two is
// exact, so that every machine gets the same integer.
func fixed(v float64, fraction int) int32 {
	return int32(math.RoundToEven(math.Ldexp(v, fraction)))
}
