package hil

import (
	"context"
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// faultState is a fault of a run, and what has become of it.
type faultState struct {
	fault  Fault
	struck int64 // as of the batch before
	report FaultReport
}

// makeFaults makes the faults of the configuration.
func (r *runner) makeFaults(device *hwfpga.Config) error {
	for i, f := range r.config.Faults {
		fault, err := faultKinds[f.Kind].New(f, device)
		if err != nil {
			return fmt.Errorf("faults[%d]: %w", i, err)
		}
		r.faults = append(r.faults, &faultState{fault: fault, report: FaultReport{Fault: f, First: -1, Found: -1}})
	}
	return nil
}

// attach puts faults into the device and on the link.
func (r *runner) attach(plain hwfpga.Link) error {
	for i, f := range r.faults {
		if m, ok := f.fault.(ModelFault); ok {
			d, ok := plain.(Modelled)
			if !ok {
				return fmt.Errorf("faults[%d]: kind %s needs a device that is a model in this process", i, f.report.Fault.Kind)
			}
			if err := m.Attach(d.Device()); err != nil {
				return fmt.Errorf("faults[%d]: %w", i, err)
			}
		}
		if l, ok := f.fault.(LinkFault); ok {
			r.session.link = l.Wrap(r.session.link)
			r.session.careful = true
		}
	}
	return nil
}

// faultsAt tells whether a fault strikes ahead of an event.
func (r *runner) faultsAt(event int64) bool {
	for _, f := range r.faults {
		if e, ok := f.fault.(EventFault); ok && e.Next(event) == event {
			return true
		}
	}
	return false
}

// strike lets all faults strike that do so ahead of an event. The device is idle.
func (r *runner) strike(ctx context.Context, event int64) error {
	if err := r.session.idle(ctx); err != nil {
		return r.ended(err)
	}
	for i, f := range r.faults {
		e, ok := f.fault.(EventFault)
		if !ok || e.Next(event) != event {
			continue
		}
		if err := e.Strike(r.session.plain); err != nil {
			return fmt.Errorf("faults[%d]: %w", i, err)
		}
	}
	return nil
}

// attribute notes which faults have struck in a batch, and what was found wrong behind them.
func (r *runner) attribute(b *batch, found anomaly) {
	for _, f := range r.faults {
		now := f.fault.Struck()
		struck := now - f.struck
		f.struck, f.report.Struck = now, now
		if struck > 0 {
			f.report.Batches++
			if f.report.First < 0 && len(b.events) > 0 {
				f.report.First = b.events[0].number
			}
			if found.how != "" {
				f.report.Noticed++
			}
		}
		if now > 0 && found.how != "" && f.report.How == "" {
			f.report.Found, f.report.How = found.event, found.how
		}
	}
}
