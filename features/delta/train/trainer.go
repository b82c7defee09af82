package train

import (
	"fmt"
	"runtime"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Trainer trains a network. It is used by one goroutine at a time.
type Trainer struct {
	options  Options
	topology topology.Topology
	net      *network
	moments  [][]float32 // the optimiser's, by the network's numbers

	// update is the number of updates done; size and updates are of the data set that the
	// training has begun with, 0 before it has.
	update, size, updates int
	epoch                 sums // added up since the epoch began
	batches               int  // and how many batches these are

	task    task
	lanes   []*lane
	meters  []meter
	checked []bool // which sequences of the set fit
	order   []int  // of the sequences in the epoch orderOf
	orderOf int
	batch   []Sequence
}

// New makes the trainer of a network that begins with random weights, by the options' seed:
// of a variance of 2 over what an output sums up (He et al. 2015, arXiv:1502.01852), with
// biases of zero. Steps are found by the first batch.
//
// A topology or options that make no sense are an error that names what.
func New(t *topology.Topology, o Options) (*Trainer, error) {
	tr, err := newTrainer(t, o)
	if err != nil {
		return nil, err
	}
	tr.net.initialise(o.Seed)
	tr.net.input = tr.options.Input
	if in := t.Input; tr.net.input == 0 {
		tr.net.input = 1 / float64(max(in.Max, -in.Min))
	}
	return tr, nil
}

// Refine makes the trainer of a network that goes on from parameters. Steps that they do
// not have are found by the first batch, so that a network without deltas can be refined as
// one with them: give both the same updates in all, half of them each, say, to compare with
// a training from the start.
func Refine(t *topology.Topology, p quantise.Params, o Options) (*Trainer, error) {
	tr, err := newTrainer(t, o)
	if err != nil {
		return nil, err
	}
	if err := checkParams(tr.net, &p); err != nil {
		return nil, err
	}
	tr.net.put(&p)
	tr.setFloors()
	return tr, nil
}

func newTrainer(t *topology.Topology, o Options) (*Trainer, error) {
	o = o.complete()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("train: options: %w", err)
	}
	n, err := newNetwork(t)
	if err != nil {
		return nil, err
	}
	if len(n.numbers) == 0 {
		return nil, fmt.Errorf("train: expected a network with weights, found none")
	}
	tr := &Trainer{options: o, topology: n.graph.Topology, net: n, orderOf: -1}
	for range o.Optimiser.moments() {
		tr.moments = append(tr.moments, make([]float32, len(n.numbers)))
	}
	tr.task.options = &tr.options
	tr.task.sparse, tr.task.l1 = shares(n.graph, quantises), shares(n.graph, activates)
	for i := range n.graph.Nodes {
		values := float64(n.graph.Nodes[i].Out.Len())
		tr.task.sparse[i] *= o.Sparsity / values
		tr.task.l1[i] *= o.L1 / values
	}
	return tr, nil
}

// checkParams is Validate, but that steps may be missing.
func checkParams(n *network, p *quantise.Params) error {
	full := quantise.Params{Input: p.Input, Layers: map[string]quantise.Layer{}}
	for name, l := range p.Layers {
		full.Layers[name] = l
	}
	for i := range n.graph.Nodes {
		node := &n.graph.Nodes[i]
		if l := full.Layers[node.Name]; node.Kind.Quantises() && l.Steps == nil {
			l.Steps = make([]float64, node.Step.Of(node.Out))
			for k := range l.Steps {
				l.Steps[k] = 1
			}
			full.Layers[node.Name] = l
		}
	}
	if err := full.Validate(&n.graph.Topology); err != nil {
		return fmt.Errorf("train: parameters: %w", err)
	}
	return nil
}

// Params are the network's numbers as they are. Before the first update, steps that were
// not given are missing.
func (t *Trainer) Params() quantise.Params { return t.net.params() }

// Options are those of the training, with the defaults filled in.
func (t *Trainer) Options() Options { return t.options }

// Topology is the network's, with the defaults filled in.
func (t *Trainer) Topology() *topology.Topology { return &t.topology }

// Updates is how many updates are done, and how many there are in all, 0 before the data
// set is known.
func (t *Trainer) Updates() (done, all int) { return t.update, t.updates }

// SetWorkers says how many goroutines compute, 0 for GOMAXPROCS. It changes no result.
func (t *Trainer) SetWorkers(n int) { t.options.Workers = max(n, 0) }

func workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
