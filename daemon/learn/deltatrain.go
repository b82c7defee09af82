package learn

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/hw"
)

// DeltaTraining says how a delta network is trained on the frames of recordings.
type DeltaTraining struct {
	Topology *topology.Topology
	// Options are the training's. Where they do not say what a level of the input is worth, that is such
	// that the values of all frames have a mean square of 1: frames are mostly zeros, and
	// weights that begin as if their inputs were of that size would give next to nothing.
	Options train.Options
	// Refined are the numbers that training goes on from, of the topology's layers; nil
	// for a network that begins with random ones.
	Refined *quantise.Params
	// Untrained leaves the numbers of Refined as they are, which then are to be complete: the network is judged,
	// calibrated and, where that is asked for, changed by what follows. Kept, where it is not nil, is the integer network that
	// they are of, and is what comes of it where nothing is changed.
	Untrained bool
	Kept      *delta.Network
	// Threshold, in steps, makes threshold deltas of the delta activations of the trained network; 0 leaves them.
	Threshold int
	// Cut, in per cent, makes what is small zero in the trained network, as far as the cross-entropy of the recordings
	// held out allows: see [train.Cutting]. 0 does not. Cutting, where there is one, is told of the search.
	Cut     float64
	Cutting func(done, total int)
	// Shifted are the same recordings, in the same order, in other places, which are learned from
	// beside them and never judged by: see [ShiftedFrames].
	Shifted []*FrameSet
	// HoldOut is the share of the recordings that is judged by and not learned from, see
	// [HoldOut]; the seed is the options'.
	HoldOut float64
	// Again trains anew on all recordings when those held out have been judged: from the
	// same beginning, by the same options. What was told of the first network is then taken to
	// hold for the second, as a cross-validation does; its confidences are calibrated as those of the first.
	Again bool
	// Checkpoint is a file to go on from where it is there, and that is written after every epoch,
	// and when the training is interrupted; "" for none.
	Checkpoint string
	// Progress, where there is one, is told of every update; of two trainings, which.
	Progress func(training, trainings int, p train.Progress)
}

// DeltaTrained is what a training gave.
type DeltaTrained struct {
	Network *decide.Network // in integers, calibrated where recordings were held out
	Updates int             // of all trainings
	Steps   []train.LayerSteps
	// Topology is that of Network, and Cuts are its cuts; nil where none were asked for. They have no layers, and
	// nothing is cut, where the network says so little that a cross-entropy of guessing would be allowed.
	Topology *topology.Topology
	Cuts     *train.Cuts
	// Seen is what the first network, in float32, does with what it has learned from.
	Seen *train.Report

	// Of recordings that were held out, by their indices; nil where none were.
	Held   []int
	Judged *decide.Network // in integers, of the first training
	Unseen *train.Report   // the same before it was made integers
	Uncut  *train.Report   // and before it was cut, or sent less; nil where it was neither
}

// TrainDelta trains a network on the frames of recordings and makes it one of integers. The same set and
// training give the same bits, whether it was interrupted or not, and on any number of cores. A training
// that is interrupted is an error; where there is a checkpoint, the same call goes on from it.
func TrainDelta(ctx context.Context, set *FrameSet, target hw.Target, d DeltaTraining) (*DeltaTrained, error) {
	r, err := newDeltaRun(set, d)
	if err != nil {
		return nil, err
	}
	for i := range r.sets {
		if err := r.train(ctx, i); err != nil {
			return nil, err
		}
	}
	return r.result(ctx, target)
}

// deltaRun is a training at work: the trainings that there are to be, of which the first
// may not have seen all, and the trainers of those that have begun.
type deltaRun struct {
	DeltaTraining
	set      *FrameSet
	held     []int
	seen     *FrameSet   // what the first training learns from, unshifted
	sets     []train.Set // of each training
	trainers []*train.Trainer
	terms    deltaTerms
}

func newDeltaRun(set *FrameSet, d DeltaTraining) (*deltaRun, error) {
	labels := make([]string, set.Len())
	for i := range labels {
		labels[i] = set.Label(i)
	}
	if len(set.Classes) < 2 {
		return nil, fmt.Errorf("learn: expected recordings of two labels or more, found %q", set.Classes)
	}
	learn, held, err := HoldOut(labels, d.HoldOut, d.Options.Seed)
	if err != nil {
		return nil, err
	}
	for _, s := range d.Shifted {
		if s.Len() != set.Len() || s.Config != set.Config {
			return nil, errors.New("learn: expected shifted frames of the same recordings and kind")
		}
	}
	if err := errors.Join(checkDelta(set, d.Topology), d.checkForm(len(held))); err != nil {
		return nil, err
	}
	r := &deltaRun{DeltaTraining: d, set: set, held: held, seen: set.Subset(learn)}
	first := joined{r.seen}
	for _, s := range d.Shifted {
		first = append(first, s.Subset(learn))
	}
	r.sets = append(r.sets, first)
	if d.Again && len(held) > 0 {
		r.sets = append(r.sets, append(joined{set}, d.Shifted...))
	}
	if r.Options.Input == 0 && d.Refined == nil {
		r.Options.Input = 1 / max(set.rms(), 1e-6)
	}
	if d.Checkpoint == "" {
		return r, nil
	}
	r.terms = termsOf(set, &d)
	return r, r.load()
}

// checkForm tells whether what is asked for beside training can be.
func (d *DeltaTraining) checkForm(held int) error {
	switch {
	case d.Cut != 0 && !(d.Cut > 0 && d.Cut <= train.MaxP):
		return fmt.Errorf("learn: cut: expected 0 to %d per cent, found %v", train.MaxP, d.Cut)
	case d.Cut > 0 && held == 0:
		return errors.New("learn: cut: expected recordings held out, whose cross-entropy it may cost")
	case d.Threshold < 0:
		return fmt.Errorf("learn: threshold: expected 0 or more steps, found %d", d.Threshold)
	case d.Untrained && (d.Refined == nil || d.Again || d.Checkpoint != "" || len(d.Shifted) > 0):
		return errors.New("learn: untrained: expected numbers to begin with, and nothing that is for training")
	}
	return nil
}

// checkDelta tells whether a network can be given the frames, and names the labels.
func checkDelta(set *FrameSet, t *topology.Topology) error {
	g, err := t.Resolve()
	if err != nil {
		return err
	}
	if err := decide.CheckInput(set.Config, g.Topology.Input); err != nil {
		return err
	}
	if got := g.Last().Out.Len(); got != len(set.Classes) {
		return fmt.Errorf("the network's outputs: expected %d, one for each label of the recordings, found %d", len(set.Classes), got)
	}
	return nil
}

// rms is the root of the mean square of all values.
func (s *FrameSet) rms() float64 {
	sum := uint64(0) // a whole number, so that nothing depends on an order
	for i := range s.rows {
		for _, v := range s.rows[i].level {
			sum += uint64(int64(v) * int64(v))
		}
	}
	return math.Sqrt(float64(sum) / float64(max(1, s.Frames()*s.Config.Len())))
}

// begin makes the trainer of a training that has not begun.
func (r *deltaRun) begin() (*train.Trainer, error) {
	if r.Refined != nil {
		return train.Refine(r.Topology, *r.Refined, r.Options)
	}
	return train.New(r.Topology, r.Options)
}

// train does what is left of a training.
func (r *deltaRun) train(ctx context.Context, i int) error {
	if i == len(r.trainers) {
		t, err := r.begin()
		if err != nil {
			return err
		}
		r.trainers = append(r.trainers, t)
	}
	t := r.trainers[i]
	t.SetWorkers(r.Options.Workers)
	if r.Untrained {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var failed error // of a save, which the callback cannot return
	err := t.Run(ctx, r.sets[i], func(p train.Progress) {
		if r.Progress != nil {
			r.Progress(i+1, len(r.sets), p)
		}
		if p.EpochDone && r.Checkpoint != "" && failed == nil {
			if failed = r.save(); failed != nil {
				stop()
			}
		}
	})
	if failed != nil {
		return failed
	}
	return r.interrupted(err)
}

// interrupted saves a training that was interrupted, and says where.
func (r *deltaRun) interrupted(err error) error {
	if r.Checkpoint == "" || !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if serr := r.save(); serr != nil {
		return errors.Join(err, serr)
	}
	done, all := 0, 0
	for i, set := range r.sets {
		batch := r.trainers[0].Options().Batch
		all += (set.Len() + batch - 1) / batch * r.trainers[0].Options().Epochs
		if i < len(r.trainers) {
			n, _ := r.trainers[i].Updates()
			done += n
		}
	}
	return errors.Join(fmt.Errorf("%d of %d updates are in %s: the same command goes on from there", done, all, r.Checkpoint), err)
}
