package hw

import "errors"

// Processor is what computes with a target's [Kernels]: the target itself, and of an [Opener] the CPU that
// does what the device does not take. It never is an Opener.
func Processor(t Target) Target {
	if _, opens := t.(Opener); !opens {
		return t
	}
	if with, ok := t.(interface{ Processor() Target }); ok {
		return with.Processor()
	}
	return kernelsOf{t}
}

// kernelsOf is a target without its devices.
type kernelsOf struct{ Target }

// BestProcessor is the best usable target that is no [Opener], for openers to take their Kernels from.
func BestProcessor() (Target, error) {
	for _, e := range registry {
		if _, opens := e.Target.(Opener); !opens && e.Usable() == nil {
			return e.Target, nil
		}
	}
	return nil, errors.New("no processor can be used here")
}

// Paced is a target that knows about how many events a second it takes, as those do that are far slower than a
// processor: tests and measurements are as long as it can bear.
type Paced interface {
	Target
	Pace() (eventsPerSecond float64)
}
