package hil

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
	"github.com/saccade-dev/saccade/sim/link"
)

// detection is what became of a fault in one run.
type detection struct {
	struck   bool
	detected bool
	wrong    int   // results that were handed out and are not the right ones
	state    bool  // what was learned in the end is not right
	events   int64 // from the one that was struck to where it was known
	cycles   int64 // of the device; -1 where that is not known
	by       string
}

// escaped tells whether something was wrong that nobody has noticed.
func (d *detection) escaped() bool { return d.struck && !d.detected && (d.wrong > 0 || d.state) }

// driverPacket is how many events the driver is given at once.
const driverPacket = 256

// driver is a processor with a device beside it that goes wrong: what features/feast has its layers computed on.
type driver struct {
	hw.Target
	row    *faultCase
	config FaultConfig
	rule   *link.Rule
	build  simfpga.Build

	device *simfpga.Device
	fault  Fault // nil where it is of registers
	link   *link.Link
	begun  strike
}

// strike is when a fault has struck: the number of the event, and the device's cycle.
type strike struct {
	there bool
	event int64
	cycle uint64
}

func (*driver) Name() string           { return "faulty" }
func (d *driver) Processor() hw.Target { return d.Target }

// Open implements [hw.Opener].
func (d *driver) Open(c hw.EngineConfig) (hw.Engine, error) {
	var err error
	if d.device, err = simfpga.NewDevice(d.build); err != nil {
		return nil, err
	}
	var l hwfpga.Link = target.NewLink(d.device)
	note := func() {
		if !d.begun.there {
			d.begun = strike{true, max(d.link.Seen(link.Events), d.link.Seen(link.Results)) - 1, d.device.Report().Cycles}
		}
	}
	if d.rule != nil {
		d.link, err = link.New(l, link.Options{Struck: func(int) { note() }}, *d.rule)
		l = d.link
	} else {
		d.fault, err = faultKinds[d.config.Kind].New(d.config, &hwfpga.Config{})
	}
	if err != nil {
		return nil, err
	}
	if m, ok := d.fault.(ModelFault); ok {
		if err := m.Attach(d.device); err != nil {
			return nil, err
		}
	}
	if w, ok := d.fault.(*wordFault); ok {
		w.note = note
		l = w.Wrap(l)
		d.link = w.link
	}
	return hwfpga.Open(l, c, hwfpga.Options{CheckEvery: 4 * driverPacket, AuditEvery: 4 * driverPacket})
}

// struck tells when the fault has struck, and the device's cycle now.
func (d *driver) struck() (s strike, now uint64) {
	if f, ok := d.fault.(*deviceFault); ok && f.injection != nil {
		cycle, event := f.injection.First()
		return strike{f.Struck() > 0, int64(event) - 1, cycle}, f.injection.Cycle()
	}
	if d.device == nil {
		return d.begun, 0
	}
	return d.begun, d.device.Report().Cycles
}

// drive has a layer computed on a device with a fault, and compares every packet with what is right.
func (t *faultTable) drive(ctx context.Context, d *driver) (out detection, err error) {
	l, err := feast.New(t.layer, d)
	if err != nil {
		return out, err
	}
	right, err := feast.New(t.layer, d.Target)
	if err != nil {
		return out, err
	}
	l.SetLearning(!d.row.frozen)
	right.SetLearning(!d.row.frozen)
	got, want := make([]int16, driverPacket), make([]int16, driverPacket)
	note := func(done int) {
		_, failure := l.Device()
		if failure == nil || out.detected {
			return
		}
		begun, now := d.struck()
		out.detected, out.by = true, kindOf(failure)
		out.events, out.cycles = int64(done)-begun.event, int64(now-begun.cycle)
		if now < begun.cycle {
			out.cycles = -1 // it was reset
		}
	}
	for at := 0; at < len(t.in); at += driverPacket {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		in := t.in[at:min(at+driverPacket, len(t.in))]
		if err := errors.Join(l.Process(in, got[:len(in)]), right.Process(in, want[:len(in)])); err != nil {
			return out, err
		}
		note(at + len(in))
		wrong := differing(got[:len(in)], want[:len(in)])
		if wrong > 0 && out.detected {
			return out, fmt.Errorf("%s: %d wrong results of %d were handed out behind the fall back: this is an error of saccade", d.row.name, wrong, len(in))
		}
		out.wrong += wrong
	}
	state, err := l.MarshalBinary()
	if err != nil {
		return out, err
	}
	note(len(t.in))
	should, err := right.MarshalBinary()
	if err != nil {
		return out, err
	}
	out.state = !bytes.Equal(state, should)
	if out.state && out.detected {
		return out, fmt.Errorf("%s: the state behind the fall back is not the right one: this is an error of saccade", d.row.name)
	}
	begun, _ := d.struck()
	out.struck = begun.there
	if out.detected && !out.struck {
		_, failure := l.Device()
		return out, fmt.Errorf("%s: found before it struck: %w", d.row.name, failure)
	}
	return out, l.Close()
}

func differing(got, want []int16) (n int) {
	for i, w := range want {
		if got[i] != w {
			n++
		}
	}
	return n
}

// kindOf says in a few words by which of the driver's checks a failure was found.
func kindOf(err error) string {
	var (
		audit  *hwfpga.AuditError
		device *hwfpga.DeviceError
	)
	is := func(target any) bool { return errors.As(err, target) }
	switch {
	case is(&audit):
		return "audit: " + audit.What
	case errors.Is(err, link.ErrCut):
		return "error of the link"
	case is(new(*hwfpga.WordsError)):
		return "check of words"
	case is(new(*hwfpga.SequenceError)):
		return "result's number"
	case is(new(*hwfpga.ResultError)):
		return "answer that cannot be"
	case is(new(*hwfpga.SurplusError)), is(new(*hwfpga.MarkError)):
		return "mark"
	case is(new(*hwfpga.SilenceError)), errors.Is(err, hwfpga.ErrTimeout):
		return "silence"
	case is(new(*hwfpga.CounterError)):
		return "counters"
	case is(new(*hwfpga.ResetError)):
		return "registers"
	case is(new(*hwfpga.LoadError)), is(new(*hwfpga.StoreError)):
		return "memories read again"
	case is(new(*hwfpga.IdentityError)), is(new(*hwfpga.LimitError)):
		return "capabilities"
	case is(&device):
		return "device's error"
	}
	return "state that cannot be"
}

// events are those of a stream, in one.
func (t *faultTable) load(ctx context.Context, s *Stream, g events.Geometry) error {
	recordings, err := s.recordings(g)
	if err != nil {
		return err
	}
	return each(ctx, recordings, func(_ int, in []events.Event) (bool, error) {
		t.in = append(t.in, in[:min(int64(len(in)), s.Events-int64(len(t.in)))]...)
		return int64(len(t.in)) < s.Events, nil
	})
}
