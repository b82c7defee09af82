package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
)

// layerFlags put layers behind the first.
type layerFlags struct {
	Layer    []string `help:"A layer over the features of the one before: pool=N (pixels along x and y that become one), neurons, radius, tau, last, eta, delta-i, delta-e, threshold, border, min-recent. What it does not say is as for the first layer, but for min-recent. May be repeated." placeholder:"NAME=VALUE,..." sep:"none"`
	Together bool     `help:"Let all layers learn in one pass. Without it, each learns in a pass of its own, over the frozen features of those before."`
}

// layers are the first layer and those behind it.
func (f *layerFlags) layers(first feast.Config) ([]stack.Config, error) {
	out := stack.Of(first)
	if f.Together && len(f.Layer) == 0 {
		return nil, usageError{fmt.Errorf("--together: expected --layer with it")}
	}
	for _, spec := range f.Layer {
		next := stack.Config{Feast: first, Pool: 1}
		next.Feast.MinRecent, next.Feast.Recent = 0, 0 // what is noise is left out before the first
		var names []string
		for pair := range strings.SplitSeq(spec, ",") {
			name, value, found := strings.Cut(pair, "=")
			if !found {
				return nil, usageError{fmt.Errorf("--layer %s: expected NAME=VALUE, found %q", spec, pair)}
			}
			names = append(names, strings.TrimSpace(name))
			if name, found := twice(names); found {
				return nil, usageError{fmt.Errorf("--layer %s: expected each name once, found %s twice", spec, name)}
			}
			if err := setLayer(&next, strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
				return nil, usageError{fmt.Errorf("--layer %s: %w", spec, err)}
			}
		}
		out = append(out, next)
	}
	complete, err := stack.Complete(out)
	if err != nil {
		return nil, usageError{err}
	}
	return complete, nil
}

// setLayer sets one parameter of a layer; its range is checked with all the others.
func setLayer(c *stack.Config, name, value string) (err error) {
	integer := func(into *int) { *into, err = strconv.Atoi(value) }
	number := func(into *float64) { *into, err = strconv.ParseFloat(value, 64) }
	span := func(into *time.Duration) { *into, err = time.ParseDuration(value) }
	switch f := &c.Feast; name {
	case "pool":
		integer(&c.Pool)
	case "neurons":
		integer(&f.Neurons)
	case "radius":
		integer(&f.Radius)
	case "min-recent":
		integer(&f.MinRecent)
	case "last":
		integer(&f.Last)
	case "tau":
		if f.Decay == feast.DecayIndex {
			return fmt.Errorf("tau: expected none with --decay index, which knows no time")
		}
		span(&f.Tau)
	case "eta":
		number(&f.Eta)
	case "delta-i":
		number(&f.DeltaI)
	case "delta-e":
		number(&f.DeltaE)
	case "threshold":
		number(&f.InitialThreshold)
	case "border":
		f.Border = feast.Border(value)
	default:
		return fmt.Errorf("expected pool, neurons, radius, tau, last, eta, delta-i, delta-e, threshold, border or min-recent, found %q", name)
	}
	if err != nil {
		return fmt.Errorf("%s: expected a value like the flag's of that name, found %q", name, value)
	}
	return nil
}
