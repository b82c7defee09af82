package train

import "github.com/saccade-dev/saccade/features/delta/topology"

// Means are of the steps of some batches.
type Means struct {
	Loss     float64 // task, sparsity and L1 together
	Task     float64
	Sparsity float64 // lambda included, as in the loss
	L1       float64
	Accuracy float64 // the share of steps whose largest output is the label's, of those that weigh anything
	// Density is the share of all multiply-adds that inputs take part in which changed since the
	// step before, first steps left out; 0 where there are only first steps.
	Density float64
}

// LayerSteps are the steps of a delta activation, or of a threshold.
type LayerSteps struct {
	Layer                string
	Least, Mean, Largest float64
}

// Progress tells of an update.
type Progress struct {
	Update, Updates int // from 1
	Epoch, Epochs   int // from 1
	EpochDone       bool
	Rate            float64 // the learning rate
	Batch           Means   // of the update, before it
	SoFar           Means   // of the epoch so far
	Steps           []LayerSteps
}

func (t *Trainer) progress(s *sums, rate float64, epoch, perEpoch int) Progress {
	return Progress{
		Update: t.update, Updates: t.updates, Epoch: epoch + 1, Epochs: t.options.Epochs, EpochDone: t.update%perEpoch == 0,
		Rate: float64(rate * t.options.Schedule.Rate), Batch: s.means(1), SoFar: t.epoch.means(t.batches), Steps: t.Steps(),
	}
}

// means are those of so many batches.
func (s *sums) means(batches int) Means {
	n := float64(batches)
	m := Means{Task: s.task / n, Sparsity: s.sparsity / n, L1: s.l1 / n}
	m.Loss = m.Task + m.Sparsity + m.L1
	m.Accuracy = ratio(s.correct, s.counted)
	m.Density = ratio(s.changed, s.possible)
	return m
}

func ratio(a, b uint64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Steps tells how large the steps of the quantising layers are; those that have none yet
// are left out.
func (t *Trainer) Steps() (out []LayerSteps) {
	for i := range t.net.graph.Nodes {
		n := &t.net.graph.Nodes[i]
		steps := t.net.stepsOf(i)
		if (n.Kind != topology.Delta && n.Kind != topology.Threshold) || steps[0] == 0 {
			continue
		}
		l := LayerSteps{Layer: n.Name, Least: steps[0]}
		for _, q := range steps {
			l.Least, l.Largest = min(l.Least, q), max(l.Largest, q)
			l.Mean += q / float64(len(steps))
		}
		out = append(out, l)
	}
	return out
}
