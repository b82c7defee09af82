package train

import "fmt"

// Schedule says how the learning rate goes.
type Schedule struct {
	// Kind is constant, step or cosine; Cosine.
	Kind ScheduleKind `json:"kind"`
	// Rate is the learning rate, the largest; 0 stands for DefaultAdamRate or DefaultSGDRate.
	Rate float64 `json:"rate"`
	// Warmup is the share of all updates in which the rate rises from zero to Rate.
	Warmup float64 `json:"warmup"`
	// Every is the epochs between two falls of a step schedule, and Factor what the rate is
	// multiplied with then; a third of all epochs, at least one, and 0.1.
	Every  int     `json:"every"`
	Factor float64 `json:"factor"`
	// Final is the share of Rate that a cosine ends with.
	Final float64 `json:"final"`
}

// ScheduleKind is a course of the learning rate.
type ScheduleKind string

// The courses.
const (
	Constant ScheduleKind = "constant"
	Step     ScheduleKind = "step"
	Cosine   ScheduleKind = "cosine"
)

// The learning rates by default.
const (
	DefaultAdamRate = 3e-3
	DefaultSGDRate  = 0.2
)

func (s Schedule) complete(o Optimiser) Schedule {
	if s.Kind == "" {
		s.Kind = Cosine
	}
	if s.Rate == 0 {
		s.Rate = DefaultAdamRate
		if o.Kind == SGD {
			s.Rate = DefaultSGDRate
		}
	}
	s.Factor = or(s.Factor, 0.1)
	return s
}

func (s *Schedule) check() error {
	for _, c := range []struct {
		name string
		v    float64
		high float64
	}{{"rate", s.Rate, 1e6}, {"warmup", s.Warmup, 1}, {"every", float64(s.Every), maxEpochs}, {"factor", s.Factor, 1}, {"final", s.Final, 1}} {
		if !(c.v >= 0 && c.v <= c.high) {
			return fmt.Errorf("%s: expected 0 to %v, found %v", c.name, c.high, c.v)
		}
	}
	if s.Kind != Constant && s.Kind != Step && s.Kind != Cosine {
		return fmt.Errorf("kind: expected %s, %s or %s, found %q", Constant, Step, Cosine, s.Kind)
	}
	return nil
}

// share is what of the rate an update has, of so many in all, and in an epoch.
func (s *Schedule) share(update, updates, epoch, epochs int) float64 {
	warm := int(s.Warmup * float64(updates))
	if update < warm {
		return float64(update+1) / float64(warm)
	}
	switch s.Kind {
	case Step:
		every := orInt(s.Every, max(1, (epochs+2)/3))
		share := 1.0
		for range min(epoch/every, 1<<10) {
			share *= s.Factor
		}
		return share
	case Cosine:
		at := float64(update-warm) / float64(max(1, updates-warm))
		return s.Final + float64((1-s.Final)*0.5*(1+cosine(at)))
	default:
		return 1
	}
}
