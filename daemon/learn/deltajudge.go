package learn

import (
	"context"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/hw"
)

// result judges the networks and makes them integers.
func (r *deltaRun) result(ctx context.Context, target hw.Target) (*DeltaTrained, error) {
	first, last := r.trainers[0], r.trainers[len(r.trainers)-1]
	out := &DeltaTrained{Held: r.held, Steps: last.Steps()}
	for _, t := range r.trainers {
		n, _ := t.Updates()
		out.Updates += n
	}
	f, err := r.form(ctx, first, nil)
	if err != nil {
		return nil, err
	}
	if out.Seen, err = r.measure(ctx, first, f, r.seen); err != nil {
		return nil, err
	}
	if out.Network, err = r.integers(f); err != nil {
		return nil, err
	}
	out.Topology, out.Cuts = f.topology, f.cuts
	if len(r.held) == 0 {
		return out, nil
	}
	held := r.set.Subset(r.held)
	if out.Unseen, err = r.measure(ctx, first, f, held); err != nil {
		return nil, err
	}
	if r.Cut > 0 || r.Threshold > 0 {
		if out.Uncut, err = first.Measure(ctx, held); err != nil {
			return nil, err
		}
	}
	if out.Judged, err = calibrated(out.Network, target, held); err != nil {
		return nil, err
	}
	out.Network = out.Judged
	if last == first {
		return out, nil
	}
	return out, r.again(ctx, out, last, f)
}

// again makes the second training's network the one that is written.
func (r *deltaRun) again(ctx context.Context, out *DeltaTrained, t *train.Trainer, first *form) error {
	f, err := r.form(ctx, t, first)
	if err != nil {
		return err
	}
	net, err := r.integers(f)
	if err != nil {
		return err
	}
	net.Interval, net.Whole = out.Judged.Interval, out.Judged.Whole
	out.Network, out.Topology, out.Cuts = net, f.topology, f.cuts
	return nil
}

func (r *deltaRun) integers(f *form) (*decide.Network, error) {
	net := r.Kept
	changed := !r.Untrained || r.Cut > 0 || r.Threshold > 0
	if changed || net == nil || net.Topology().String() != f.topology.String() {
		var err error
		if net, _, err = quantise.Quantise(f.topology, f.params); err != nil {
			return nil, err
		}
	}
	n := &decide.Network{Frames: r.set.Config, Net: net, Labels: r.set.Classes}
	return n, n.Validate()
}

// calibrated finds the temperatures of confidences by recordings that were held out.
func calibrated(n *decide.Network, target hw.Target, held *FrameSet) (*decide.Network, error) {
	var trials []decide.Trial
	for _, i := range Calibration(held.Len()) {
		trials = append(trials, held.Trial(i))
	}
	return decide.Calibrate(n, target, trials)
}
