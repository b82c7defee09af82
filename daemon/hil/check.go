package hil

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The bounds of a run.
const (
	MaxBatch      = 1 << 15 // numbers of events in results have 16 bits
	MaxRecordings = 1 << 20
	MaxEvents     = 1 << 40
	MaxFaults     = 64
	maxClockMHz   = 1e5
	maxPause      = time.Hour
)

// FieldError is what is wrong with one field of a run.
type FieldError struct {
	Path string // of the field, such as stream.simulated[0].kind
	Err  error  // what was expected and what was found
}

func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the error without the field.
func (e *FieldError) Unwrap() error { return e.Err }

func wrong(path, format string, args ...any) error {
	return &FieldError{Path: path, Err: fmt.Errorf(format, args...)}
}

// Validate returns an error that names the first field that cannot be. Files are not looked at.
func (c *Config) Validate() error {
	for _, err := range []error{
		c.Device.validate(),
		c.Model.validate(),
		c.Stream.validate(),
		c.Pacing.validate(),
		c.Compare.validate(),
		c.Pass.validate(),
	} {
		if err != nil {
			return err
		}
	}
	if len(c.Faults) > MaxFaults {
		return wrong("faults", "expected at most %d, found %d", MaxFaults, len(c.Faults))
	}
	for i, f := range c.Faults {
		if err := f.validate(); err != nil {
			return wrong(fmt.Sprintf("faults[%d]", i), "%w", err)
		}
	}
	return nil
}

// choice is an error unless v is one of a few.
func choice(path, v string, of ...string) error {
	if slices.Contains(of, v) {
		return nil
	}
	return wrong(path, "expected %s, found %q", strings.Join(of, ", "), v)
}

// between is an error unless v is low to high; NaN is not.
func between[T int | int64 | float64 | time.Duration](path string, v, low, high T) error {
	if v >= low && v <= high {
		return nil
	}
	return wrong(path, "expected %v to %v, found %v", low, high, v)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Device) validate() error {
	host, remote := strings.CutPrefix(d.Address, Remote)
	if d.Address != Simulated && (!remote || host == "") {
		return wrong("device.address", "expected %s, or %sHOST:PORT, found %q", Simulated, Remote, d.Address)
	}
	if remote && d.Build != (Build{}) {
		return wrong("device.build", "expected nothing for a device at an address, which is built already")
	}
	return firstOf(
		between("device.timeout", d.Timeout, time.Millisecond, maxPause),
		between("device.clock_mhz", d.ClockMHz, 1e-3, maxClockMHz),
		choice("device.overflow", d.Overflow, Wait, Drop),
	)
}

func (m *Model) validate() error {
	if m.File != "" {
		return nil
	}
	if _, err := deviceConfig(m.Layer, m.Learning, true); err != nil {
		return wrong("model", "%w", err)
	}
	return nil
}

func (s *Stream) validate() error {
	if len(s.Recordings)+len(s.Simulated) == 0 {
		return wrong("stream", "expected recordings, simulated, or both, found neither")
	}
	for i, m := range s.Simulated {
		path := fmt.Sprintf("stream.simulated[%d]", i)
		if err := firstOf(
			choice(path+".kind", m.Kind, Moving, Saccades, Random),
			between(path+".recordings", m.Recordings, 1, MaxRecordings),
			between(path+".events", m.Events, 0, MaxEvents),
		); err != nil {
			return err
		}
		if m.Kind == Random && m.Events == 0 || m.Kind != Random && m.Events != 0 {
			return wrong(path+".events", "expected a number for kind %s, and none for others, found %d for %s", Random, m.Events, m.Kind)
		}
	}
	return between("stream.events", s.Events, 0, MaxEvents)
}

func (p *Pacing) validate() error {
	return firstOf(
		choice("pacing.kind", p.Kind, Fast, Real, Bursts),
		between("pacing.factor", p.Factor, 1e-6, 1e6),
		between("pacing.burst", p.Burst, 1, MaxBatch),
		between("pacing.gap", p.Gap, 0, maxPause),
	)
}

func (c *Compare) validate() error {
	const most = 1 << 32
	err := firstOf(
		choice("compare.arithmetic", c.Arithmetic, Bits, Tolerance),
		between("compare.dots", c.Dots, 0, most),
		between("compare.norms", c.Norms, 0, most),
		between("compare.weights", c.Weights, 0, most),
		between("compare.thresholds", c.Thresholds, 0, most),
		between("compare.winners", c.Winners, 0, 1),
		choice("compare.after", c.After, Count, Stop, Resync),
		choice("compare.memories", c.Memories, End, Batches, Never),
		between("compare.batch", c.Batch, 1, MaxBatch),
	)
	if err == nil && c.Arithmetic == Bits && (c.Dots|c.Norms|c.Weights|c.Thresholds != 0 || c.Winners != 0) {
		return wrong("compare.arithmetic", "expected %s where something may be off, found %s", Tolerance, Bits)
	}
	return err
}

func (p *Pass) validate() error {
	const most = 1 << 62
	return firstOf(
		between("pass.mismatches", p.Mismatches, -1, most),
		between("pass.drops", p.Drops, -1, most),
		between("pass.events_per_cycle", p.EventsPerCycle, 0, 1),
		between("pass.p99_cycles", p.P99Cycles, 0, most),
		between("pass.events", p.Events, 0, most),
	)
}
