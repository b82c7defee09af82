package hil

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

// Fault is something that goes wrong on purpose. It is also a [LinkFault], an [EventFault] or a [ModelFault].
type Fault interface {
	// Struck is how often it has struck so far.
	Struck() int64
}

// LinkFault does something to the words of a link.
type LinkFault interface {
	Fault
	// Wrap gives the link that does it. It is called once.
	Wrap(link hwfpga.Link) hwfpga.Link
}

// EventFault does something through a device's registers, between two events.
type EventFault interface {
	Fault
	// Next is the number of the first event, from one on, ahead of which it strikes; -1 where it never does.
	Next(from int64) int64
	// Strike does it. The device is idle.
	Strike(b hwfpga.Bus) error
}

// ModelFault does something to a device that is a model in this process, before it is configured.
type ModelFault interface {
	Fault
	Attach(d *simfpga.Device) error
}

// FaultKind is a kind of fault that run files can name.
type FaultKind struct {
	Name string
	Doc  string // what it does, for people
	// Directed faults are of one direction of the link.
	Directed bool
	// Parameters are the names of what it takes, with what they mean.
	Parameters map[string]string
	// New makes one, for a device of that configuration.
	New func(f FaultConfig, c *hwfpga.Config) (Fault, error)
}

// faultKinds is filled by init functions and only read afterwards.
var faultKinds = map[string]FaultKind{}

// PanicFaultKind is the panic of RegisterFault for a kind that is there already.
const PanicFaultKind = "hil: a kind of fault is registered twice"

// RegisterFault adds a kind of fault; call it from an init function.
func RegisterFault(k FaultKind) {
	if _, ok := faultKinds[k.Name]; ok {
		panic(PanicFaultKind)
	}
	faultKinds[k.Name] = k
}

// FaultKinds are the kinds that there are, by name.
func FaultKinds() []FaultKind {
	return slices.SortedFunc(maps.Values(faultKinds), func(a, b FaultKind) int { return strings.Compare(a.Name, b.Name) })
}

func (f *FaultConfig) validate() error {
	k, ok := faultKinds[f.Kind]
	if !ok {
		return fmt.Errorf("kind: expected one of %s, found %q", strings.Join(slices.Sorted(maps.Keys(faultKinds)), ", "), f.Kind)
	}
	switch {
	case k.Directed && f.Direction != In && f.Direction != Out:
		return fmt.Errorf("direction: expected %s or %s for kind %s, found %q", In, Out, f.Kind, f.Direction)
	case !k.Directed && f.Direction != "":
		return fmt.Errorf("direction: expected none for kind %s, found %q", f.Kind, f.Direction)
	case !(f.Rate >= 0 && f.Rate <= 1):
		return fmt.Errorf("rate: expected 0 to 1, found %v", f.Rate)
	case f.At < 0 || f.At > MaxEvents:
		return fmt.Errorf("at: expected 0 to %d, found %d", int64(MaxEvents), f.At)
	case f.Rate > 0 && f.At > 0:
		return fmt.Errorf("rate: expected either a rate, or the event that is struck, found %v and %d", f.Rate, f.At)
	}
	for name := range f.Parameters {
		if _, ok := k.Parameters[name]; !ok {
			return fmt.Errorf("parameters: expected of %s for kind %s, found %q", list(slices.Sorted(maps.Keys(k.Parameters))), f.Kind, name)
		}
	}
	return nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// parameter is one of a fault's, or what it is where nothing is said.
func (f *FaultConfig) parameter(name string, otherwise int64) int64 {
	if v, ok := f.Parameters[name]; ok {
		return v
	}
	return otherwise
}
