package train

import (
	"context"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// MeasureOptions say how a network is measured.
type MeasureOptions struct {
	Loss Loss // CrossEntropy
	// StepWeights weigh steps in the loss and when a recording's outputs are summed up; steps
	// that weigh nothing are in no accuracy. Nil weighs all the same.
	StepWeights []float64
	// Workers is how many goroutines compute; 0 stands for GOMAXPROCS. It changes no result.
	Workers int
}

// Work is what the inputs of layers with weights did in some steps. It means the same for
// every network: what a machine multiplies that leaves out inputs of zero, and what one
// does that leaves out inputs that have not changed.
type Work struct {
	Steps uint64 // how many there were
	// Nonzero and Changed are inputs that were not zero, and that were others than a step
	// before; of the first step, before which all is zero, they are the same.
	Nonzero, Changed uint64
	// NonzeroMACs and ChangedMACs are the multiply-adds that these take part in.
	NonzeroMACs, ChangedMACs uint64
}

func (w *Work) add(o Work) {
	w.Steps += o.Steps
	w.Nonzero += o.Nonzero
	w.Changed += o.Changed
	w.NonzeroMACs += o.NonzeroMACs
	w.ChangedMACs += o.ChangedMACs
}

// LayerReport is of a layer with weights.
type LayerReport struct {
	Layer     string
	From      string // the layer whose values it is given
	Inputs    int    // values
	DenseMACs int64  // of a step, where every input is multiplied

	First, Later Work // of the first steps of sequences, and of all later ones
}

// Spatial is the share of the layer's inputs that were zero, in later steps.
func (l *LayerReport) Spatial() float64 {
	return 1 - over(l.Later.Nonzero, l.Later.Steps*uint64(l.Inputs))
}

// Temporal is the share of the layer's inputs that were as a step before, in later steps.
func (l *LayerReport) Temporal() float64 {
	return 1 - over(l.Later.Changed, l.Later.Steps*uint64(l.Inputs))
}

// Report is what a network does with a set.
type Report struct {
	Sequences, Steps int
	Loss             float64 // the mean over steps, by their weights
	StepAccuracy     float64 // of steps by themselves
	Accuracy         float64 // of sequences, by the weighted sum of their steps' outputs
	DenseMACs        int64   // of a step
	Layers           []LayerReport
	StateBytes       int // see [StateBytes]
}

// Changed is the multiply-adds of a step on average that leaves out what has not changed,
// of first steps and of later ones.
func (r *Report) Changed() (first, later float64) {
	return r.mean(func(w *Work) uint64 { return w.ChangedMACs })
}

// Nonzero is the multiply-adds of a step on average that leaves out zeros, of first steps and of
// later ones.
func (r *Report) Nonzero() (first, later float64) {
	return r.mean(func(w *Work) uint64 { return w.NonzeroMACs })
}

func (r *Report) mean(of func(w *Work) uint64) (first, later float64) {
	for i := range r.Layers {
		l := &r.Layers[i]
		first += over(of(&l.First), l.First.Steps)
		later += over(of(&l.Later), l.Later.Steps)
	}
	return first, later
}

func over(a, b uint64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// measured is how many sequences one task of a measurement takes.
const measured = 16

// Measure runs a network over a set and counts. Steps of parameters must be there, see
// [quantise.Calibrate]; with [Insert], networks can be measured that have deltas or
// thresholds that they were not trained with. For networks of delta activations the work is
// that of delta.Engine that always adds what changed, but for values that float32 rounds to
// the other side of half a step.
func Measure(ctx context.Context, t *topology.Topology, p quantise.Params, set Set, o MeasureOptions) (*Report, error) {
	options := Options{Loss: o.Loss, StepWeights: o.StepWeights, Workers: o.Workers}.complete()
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("train: options: %w", err)
	}
	if err := p.Validate(t); err != nil {
		return nil, fmt.Errorf("train: parameters: %w", err)
	}
	n, err := newNetwork(t)
	if err != nil {
		return nil, err
	}
	n.put(&p)
	return n.measure(ctx, set, &options)
}

// Measure measures the network as it is, with the training's loss and weights of steps.
func (t *Trainer) Measure(ctx context.Context, set Set) (*Report, error) {
	if t.uncalibrated() {
		return nil, fmt.Errorf("train: expected a network whose steps are known, found one that has not been trained yet")
	}
	return t.net.measure(ctx, set, &t.options)
}

// tally is what a task of a measurement finds.
type tally struct {
	steps         int
	loss, weight  float64
	right, judged uint64 // steps
	whole         uint64 // sequences that were right
	work          [][2]Work
	err           error
}

func (n *network) measure(ctx context.Context, set Set, o *Options) (*Report, error) {
	if set.Len() < 1 {
		return nil, fmt.Errorf("train: expected sequences to measure with, found none")
	}
	meters := newMeters(n)
	count := (set.Len() + measured - 1) / measured
	// Lanes are made where a worker needs one; which one it gets changes nothing.
	work := min(workers(o.Workers), count)
	lanes := make(chan *lane, work)
	for range work {
		lanes <- newLane(n, &task{options: o, weight: 1})
	}
	tallies := make([]tally, count)
	each(work, count, func(i int) {
		l := <-lanes
		defer func() { lanes <- l }()
		tallies[i].take(ctx, l, meters, set, i*measured, min((i+1)*measured, set.Len()))
	})
	r := &Report{Sequences: set.Len(), StateBytes: StateBytes(n.graph)}
	var all tally
	for i := range tallies {
		if err := tallies[i].err; err != nil {
			return nil, err
		}
		all.add(&tallies[i])
	}
	r.Steps = all.steps
	r.StepAccuracy, r.Accuracy = over(all.right, all.judged), over(all.whole, uint64(r.Sequences))
	if all.weight > 0 {
		r.Loss = all.loss / all.weight
	}
	for k, m := range meters {
		node := &n.graph.Nodes[m.node]
		r.DenseMACs += node.DenseMACs()
		r.Layers = append(r.Layers, LayerReport{
			Layer: node.Name, From: n.graph.Nodes[m.from].Name, Inputs: node.In.Len(), DenseMACs: node.DenseMACs(),
			First: all.work[k][0], Later: all.work[k][1],
		})
	}
	return r, nil
}

func (t *tally) add(o *tally) {
	t.steps += o.steps
	t.loss += o.loss
	t.weight += o.weight
	t.right += o.right
	t.judged += o.judged
	t.whole += o.whole
	if t.work == nil {
		t.work = make([][2]Work, len(o.work))
	}
	for k := range o.work {
		t.work[k][0].add(o.work[k][0])
		t.work[k][1].add(o.work[k][1])
	}
}
