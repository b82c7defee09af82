package sizing

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// Options say what to try.
type Options struct {
	// Config of the layers, but for Neurons. Seed is that of everything random.
	Config feast.Config
	Target hw.Target
	// Recordings to take from, two or more.
	Recordings []nmnist.Recording
	// Rate of the noise that is mixed in, in Hz a pixel: above 0, up to MaxRate.
	Rate float64
	// Sizes are numbers of neurons a bank, ascending, 3 to MaxSizes of them.
	Sizes []int
	// Runs of each size, 1 to MaxRuns.
	Runs int
	// Most recordings to take, 2 or more. Of those taken, three quarters are learned
	// from and the others measured on.
	Most int
	// Done, if set, is called from several goroutines, [Options.Steps] times in all
	// where nothing fails.
	Done func()
}

// What is taken where nothing else is said. The rate is the one that sim/sensor's
// default camera has, and makes one event in 40 of N-MNIST's recordings, or fewer, noise
// that is known.
const (
	DefaultRate = 0.5 // Hz a pixel
	DefaultRuns = 3
	DefaultMost = 200
)

// DefaultSizes are numbers of neurons a bank, about two to a doubling.
func DefaultSizes() []int { return []int{2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64} }

// The bounds of options.
const (
	MaxRate  = 1000 // Hz a pixel; sensors are far below
	MaxSizes = 64
	MaxRuns  = 100
)

// Validate returns an error that names the first option out of its range.
func (o *Options) Validate() error {
	switch {
	case !(o.Rate > 0 && o.Rate <= MaxRate): // NaN is refused as well
		return fmt.Errorf("sizing: noise rate %v Hz: expected more than 0, up to %v", o.Rate, MaxRate)
	case len(o.Sizes) < 3 || len(o.Sizes) > MaxSizes:
		return fmt.Errorf("sizing: expected 3 to %d sizes, found %d", MaxSizes, len(o.Sizes))
	case !slices.IsSorted(o.Sizes) || len(slices.Compact(slices.Clone(o.Sizes))) != len(o.Sizes):
		return fmt.Errorf("sizing: sizes %v: expected each to be greater than the one before", o.Sizes)
	case o.Config.Mode == feast.Planes:
		return fmt.Errorf("sizing: mode %q: expected a layer of a sensor's events, which noise is mixed into", feast.Planes)
	case o.Runs < 1 || o.Runs > MaxRuns:
		return fmt.Errorf("sizing: runs %d: expected 1 to %d", o.Runs, MaxRuns)
	case o.Most < 2:
		return fmt.Errorf("sizing: %d recordings at the most: expected 2 or more", o.Most)
	case len(o.Recordings) < 2:
		return fmt.Errorf("sizing: expected 2 recordings or more, some to learn from and others to measure on, found %d", len(o.Recordings))
	}
	for _, n := range o.Sizes {
		c := o.Config
		c.Neurons = n
		if err := c.Validate(); err != nil {
			return fmt.Errorf("sizing: %w", err)
		}
	}
	return nil
}

// split tells how many recordings are learned from and how many measured on.
func (o *Options) split() (learn, measure int) {
	n := min(o.Most, len(o.Recordings))
	measure = max(1, n/4)
	return n - measure, measure
}

// Steps is how often Done is called: once for each recording that a layer has seen.
func (o *Options) Steps() int {
	learn, measure := o.split()
	return len(o.Sizes) * o.Runs * (learn + measure)
}
