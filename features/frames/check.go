package frames

import (
	"fmt"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// Validate returns an error that names the first field out of its range.
func (c Config) Validate() error {
	if !c.Geometry().Valid() {
		return fmt.Errorf("frames: geometry %dx%d: expected sides from 1 to %d", c.Width, c.Height, events.MaxSide)
	}
	return c.Check()
}

// Check is Validate for a sensor whose geometry, and a layer whose number of features,
// need not be known yet.
func (c Config) Check() error {
	c = c.Canonical()
	for _, err := range []error{
		oneOf("source", c.Source, Events, Features),
		oneOf("kind", c.Kind, Counts, Surface),
		c.checkSource(),
		c.checkInterval(),
		within("pool", c.Pool, 1, MaxPool),
		within("kernel", c.Kernel, max(1, c.Pool), MaxKernel),
		within("levels", c.Levels, 1, MaxLevels),
		c.checkKind(),
	} {
		if err != nil {
			return fmt.Errorf("frames: %w", err)
		}
	}
	if n := c.Len(); n > MaxLen {
		return fmt.Errorf("frames: %d planes of %dx%d: expected at most %d values, found %d: take a larger pool", c.Planes(), c.Columns(), c.Rows(), MaxLen, n)
	}
	return nil
}

func (c Config) checkSource() error {
	if c.Source == Events {
		if c.Layer != 0 || c.Features != 0 {
			return fmt.Errorf("layer %d, features %d: expected none of source %q", c.Layer, c.Features, Events)
		}
		return oneOf("mode", c.Mode, Split, Merged, On)
	}
	if c.Mode != "" {
		return fmt.Errorf("mode %q: expected none of source %q, which has a plane for each feature", c.Mode, Features)
	}
	if err := within("layer", c.Layer, 0, maxLayer); err != nil {
		return err
	}
	least := 1
	if !c.Geometry().Known() {
		least = 0
	}
	return within("features", c.Features, least, MaxFeatures)
}

// maxLayer is more than any stack has.
const maxLayer = 255

func (c Config) checkInterval() error {
	switch {
	case c.Every != 0 && c.Events != 0:
		return fmt.Errorf("every %v, every_events %d: expected one of them", c.Every, c.Events)
	case c.Events != 0 && c.MaxEmpty != 0:
		return fmt.Errorf("max_empty %d: expected none with every_events, as no interval of events is empty", c.MaxEmpty)
	case c.Events != 0:
		return within("every_events", c.Events, 1, MaxEvents)
	}
	if err := whole("every", c.Every, MaxEvery); err != nil {
		return err
	}
	return within("max_empty", c.MaxEmpty, -1, MaxMaxEmpty)
}

func (c Config) checkKind() error {
	if c.Kind == Counts {
		if c.Decay != "" || c.Tau != 0 || c.Last != 0 {
			return fmt.Errorf("decay %q, tau %v, last_events %d: expected none of kind %q", c.Decay, c.Tau, c.Last, Counts)
		}
		return within("step", c.Step, 1, MaxStep)
	}
	if c.Step != 0 {
		return fmt.Errorf("step %d: expected none of kind %q", c.Step, Surface)
	}
	if err := oneOf("decay", c.Decay, feast.DecayExponential, feast.DecayLinear, feast.DecayIndex); err != nil {
		return err
	}
	if c.Decay == feast.DecayIndex {
		if c.Tau != 0 {
			return fmt.Errorf("tau %v: expected none of decay %q", c.Tau, c.Decay)
		}
		return within("last_events", c.Last, 1, feast.MaxLast)
	}
	if c.Last != 0 {
		return fmt.Errorf("last_events %d: expected none but of decay %q", c.Last, feast.DecayIndex)
	}
	return whole("tau", c.Tau, hw.MaxTau*time.Microsecond)
}

func oneOf[T ~string](name string, v T, known ...T) error {
	if !slices.Contains(known, v) {
		return fmt.Errorf("%s %q: expected one of %q", name, v, known)
	}
	return nil
}

func within(name string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("%s %d: expected %d to %d", name, v, low, high)
	}
	return nil
}

func whole(name string, d, longest time.Duration) error {
	if d%time.Microsecond != 0 || d < time.Microsecond || d > longest {
		return fmt.Errorf("%s %v: expected whole microseconds from %v to %v", name, d, time.Microsecond, longest)
	}
	return nil
}
