package hil

import (
	"context"
	"errors"
)

// watch makes a run of the harness with a fault, up to where it finds anything wrong.
func (t *faultTable) watch(ctx context.Context, row *faultCase, f FaultConfig) (out detection, err error) {
	c := Default()
	c.Stream, c.Model.Layer, c.Model.Learning = t.stream, t.layer, !row.frozen
	c.Compare.Batch, c.Compare.After, c.Compare.Memories = driverPacket, Stop, Batches
	if row.short {
		c.Device.Build = shortFIFOs
	}
	if row.drop {
		c.Device.Overflow = Drop
	} else {
		c.Faults = []FaultConfig{f}
	}
	if err := c.Validate(); err != nil {
		return out, err
	}
	r, err := prepare(ctx, c, &options{})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	clock := r.session.pace.clocked // the device is a model in this process
	begun := strike{there: row.drop}
	found := func() (string, int64) { return r.report.Ended, r.report.Events }
	if !row.drop {
		if w, ok := r.faults[0].fault.(*wordFault); ok {
			w.note = func() {
				if !begun.there {
					// Behind each batch goes an event that only keeps the device in step.
					begun = strike{true, f.At, clock.Cycle()}
				}
			}
		}
		found = func() (string, int64) { return r.faults[0].report.How, r.faults[0].report.Found }
	}
	if err := r.stream(ctx); err != nil {
		return out, err
	}
	now := clock.Cycle()
	if !row.drop {
		if d, ok := r.faults[0].fault.(*deviceFault); ok {
			cycle, event := d.injection.First()
			begun, now = strike{d.Struck() > 0, int64(event) - 1, cycle}, d.injection.Cycle()
		}
		// A command has no number of an event.
		if row.few > 0 {
			begun.event = r.faults[0].report.First
		}
	}
	var at int64
	out.by, at = found()
	out.struck, out.detected = begun.there, out.by != ""
	out.events, out.cycles = max(0, at-begun.event), int64(now-begun.cycle)
	if row.drop {
		out.events, out.cycles, out.by = r.first(), -1, "the device's counters of what it dropped"
	}
	out.wrong = int(r.report.Counts.Mismatches)
	return out, nil
}

// first is the first event of which something was wrong.
func (r *runner) first() int64 {
	if r.report.First == nil {
		return r.report.Events
	}
	return r.report.First.Event
}

// shortFIFOs are full most of the time.
var shortFIFOs = Build{In: 8, Out: 4}
