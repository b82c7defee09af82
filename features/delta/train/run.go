package train

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// Run trains until all epochs are done, or, where the training goes on from a checkpoint,
// what is left of them. The callback, where there is one, is told of every update when it
// is done. Between updates the context is asked; the trainer is whole when Run returns,
// whatever the error, so that a checkpoint can be saved and the training gone on with.
// Sequences that do not fit the network are an error that names which.
func (t *Trainer) Run(ctx context.Context, set Set, progress func(Progress)) error {
	if err := t.begin(set); err != nil {
		return err
	}
	perEpoch := t.updates / t.options.Epochs
	for t.update < t.updates {
		if err := ctx.Err(); err != nil {
			return err
		}
		epoch, at := t.update/perEpoch, t.update%perEpoch
		if err := t.load(set, epoch, at); err != nil {
			return err
		}
		if at == 0 {
			t.epoch, t.batches = sums{}, 0
		}
		s, rate, err := t.step(t.batch, epoch)
		if err != nil {
			return err
		}
		t.epoch.add(&s)
		t.batches++
		if progress != nil {
			progress(t.progress(&s, rate, epoch, perEpoch))
		}
	}
	return nil
}

// begin takes note of a data set.
func (t *Trainer) begin(set Set) error {
	n := set.Len()
	switch {
	case n < 1:
		return fmt.Errorf("train: expected sequences to train with, found none")
	case t.size != 0 && t.size != n:
		return fmt.Errorf("train: expected the %d sequences that the training began with, found %d", t.size, n)
	}
	t.checked = make([]bool, n) // it may be another set than the last time
	t.size, t.updates = n, t.allUpdates(n)
	return nil
}

// allUpdates is how many updates a training with so many sequences has.
func (t *Trainer) allUpdates(sequences int) int {
	return (sequences + t.options.Batch - 1) / t.options.Batch * t.options.Epochs
}

// load fetches the sequences of a batch of an epoch.
func (t *Trainer) load(set Set, epoch, batch int) error {
	if t.orderOf != epoch || len(t.order) != t.size {
		t.orderOf, t.order = epoch, shuffled(t.size, t.options.Seed, epoch)
	}
	t.batch = t.batch[:0]
	for _, i := range t.order[batch*t.options.Batch : min((batch+1)*t.options.Batch, t.size)] {
		s := set.Sequence(i)
		if !t.checked[i] {
			if err := s.check(t.net, t.options.Loss); err != nil {
				return fmt.Errorf("train: sequence %d: %w", i, err)
			}
			t.checked[i] = true
		}
		t.batch = append(t.batch, s)
	}
	return nil
}

// shuffled is the order of sequences in an epoch. Each epoch has a source of its own, so that
// the position in the training is all that there is to remember.
func shuffled(n int, seed uint64, epoch int) []int {
	return rand.New(rand.NewPCG(seed, 1<<63|uint64(epoch))).Perm(n)
}
