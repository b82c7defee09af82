package hw

import (
	"fmt"
	"slices"
	"strings"
)

// Target is a piece of hardware, real or simulated, that layers run on.
type Target interface {
	// Name is what --device takes.
	Name() string
	// Describe says in a line what it is and what of the machine it uses.
	Describe() string
	// Features are what it asks of the processor, none where it takes any.
	Features() []Feature
	// Usable is nil where the target can be used, and otherwise says why not.
	Usable() error
	// Kernels are the inner loops of a CPU. They may be called from several
	// goroutines at once, on memory of their own.
	Kernels() *Kernels
}

// Feature is a property of a processor that a target needs, or uses where it is.
type Feature struct {
	Name     string
	Required bool
	Present  bool // on this machine, and enabled by its system
}

// Missing is an error that names the required features that are not there, nil
// where all of them are.
func Missing(features []Feature) error {
	var names []string
	for _, f := range features {
		if f.Required && !f.Present {
			names = append(names, f.Name)
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("the processor, or the system on it, lacks %s", strings.Join(names, ", "))
}

// Auto is the name that stands for the best usable target.
const Auto = "auto"

type entry struct {
	Target
	rank int
}

// registry is filled by init functions and only read afterwards, best first.
var registry []entry

// PanicDuplicateTarget is the panic of Register for a name that is taken.
const PanicDuplicateTarget = "hw: a target is registered twice"

// Register adds a target; call it from an init function. Of the usable ones,
// that with the highest rank is chosen where none is named.
func Register(t Target, rank int) {
	if slices.ContainsFunc(registry, func(e entry) bool { return e.Name() == t.Name() }) {
		panic(PanicDuplicateTarget)
	}
	registry = append(registry, entry{t, rank})
	slices.SortStableFunc(registry, func(a, b entry) int { return b.rank - a.rank })
}

// Targets lists the registered targets, usable or not, best first.
func Targets() []Target {
	out := make([]Target, len(registry))
	for i, e := range registry {
		out[i] = e.Target
	}
	return out
}

// Find gives the target of that name, or for [Auto] and the empty name the best
// usable one. A target that is not usable is an error that says why. Names of targets
// that are somewhere else have their address in them: see [Addressed].
func Find(name string) (Target, error) {
	names := make([]string, 0, len(registry))
	for _, e := range registry {
		err := e.Usable()
		switch {
		case name == "" || name == Auto:
			if err == nil {
				return e.Target, nil
			}
		case name == e.Name():
			if err != nil {
				return nil, fmt.Errorf("device %s cannot be used here: %w", name, err)
			}
			return e.Target, nil
		}
		names = append(names, e.Name())
	}
	if t, found, err := findAddressed(name); found {
		return t, err
	}
	if name == "" || name == Auto {
		return nil, fmt.Errorf("no device can be used here: known are %s", list(names))
	}
	for _, a := range addressed {
		names = append(names, a.Form)
	}
	return nil, fmt.Errorf("unknown device %q: known are %s", name, list(names))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
