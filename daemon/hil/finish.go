package hil

import (
	"context"
	"errors"
	"fmt"
	"slices"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// finish reads what the device has counted and learned, and looks into the first mismatch once more.
func (r *runner) finish(ctx context.Context) error {
	out := r.report
	out.Host = r.host0.Distribution("ns")
	if r.latency != nil {
		out.Latency = r.latency.Distribution("cycles")
		r.latency.paused = true
	}
	out.LateMost = r.session.pace.late
	out.Map.list()
	err := r.read(ctx)
	for _, f := range r.faults {
		out.Faults = append(out.Faults, f.report)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && out.Ended == "":
		out.Ended = err.Error()
	}
	return nil
}

// read is what finish asks of the device, which may be gone.
func (r *runner) read(ctx context.Context) error {
	out, s := r.report, r.session
	if m, ok := s.plain.(Modelled); ok {
		report := m.Device().Report()
		out.Model = &report
	}
	counts, err := counters(s.plain)
	if err != nil {
		return err
	}
	out.Counters = map[string]uint64{}
	for i, name := range counterNames {
		out.Counters[name] = counts[i]
	}
	clock := r.config.Device.ClockMHz
	out.Cycles = Cycles{Total: counts[hwfpga.CountCycles], ClockMHz: clock}
	if n := out.Events; n > 0 && out.Cycles.Total > 0 {
		out.Cycles.PerEvent = float64(out.Cycles.Total) / float64(n)
		out.Cycles.Rate = clock * 1e6 / out.Cycles.PerEvent
	}
	if r.config.Compare.Memories != Never && (out.Ended == "" || r.config.Compare.After == Stop) {
		if err := r.remember(ctx); err != nil {
			return err
		}
		if err := r.sameTwin(); err != nil {
			return err
		}
		if !out.Memory.Same() {
			r.attribute(&batch{}, anomaly{event: out.Events, how: "memories at the end"})
		}
	}
	if r.firstOf == nil {
		return nil
	}
	if out.First.Again, err = s.again(ctx, r.firstOf, r.firstAt, r.config.Compare.judge); err != nil {
		out.First.Notes = append(out.First.Notes, fmt.Sprintf("the batch could not be repeated: %v", err))
	}
	return nil
}

// sameTwin makes sure that features/feast's layer has learned what the reference has.
func (r *runner) sameTwin() error {
	w, m := r.twin.Weights(), r.golden.Memories()
	if !slices.Equal(w.Master, m.Master) || !slices.Equal(w.Thresholds, m.Thresholds) {
		return errors.New("the references do not agree on what was learned: this is an error of saccade, not of the device")
	}
	return nil
}
