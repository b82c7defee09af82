package train

import (
	"fmt"
	"math"
)

// Loss is what outputs are compared by.
type Loss string

// The losses of the task.
const (
	// CrossEntropy is that of the outputs' softmax and the label.
	CrossEntropy Loss = "cross-entropy"
	// MSE is the mean squared difference of outputs and target.
	MSE Loss = "mse"
)

// Options say how a network is trained. Fields of zero stand for the defaults.
type Options struct {
	Seed   uint64 `json:"seed"`   // of the weights that training begins with, and of the order of sequences
	Epochs int    `json:"epochs"` // how often every sequence is gone through; 20
	Batch  int    `json:"batch"`  // sequences an update; 32
	Loss   Loss   `json:"loss"`   // CrossEntropy

	// StepWeights weigh the steps of a sequence in the task's loss; steps beyond the last
	// weigh as much as that. Nil weighs all the same; {0, 0, 1} leaves out the first two.
	StepWeights []float64 `json:"step_weights,omitempty"`

	// Input is what a level of the input is worth; 0 stands for 1 over the largest level. A
	// refined network keeps its own.
	Input float64 `json:"input"`

	Optimiser Optimiser `json:"optimiser"`
	Schedule  Schedule  `json:"schedule"`
	// Clip bounds the length of the gradient, of all weights and biases together; 0 does not.
	Clip float64 `json:"clip"`

	Sparsity float64 `json:"sparsity"` // lambda of the sparsity loss
	L1       float64 `json:"l1"`       // lambda of the spatial L1 loss
	Steps    Steps   `json:"steps"`    // of delta activations

	// Workers is how many goroutines compute; 0 stands for GOMAXPROCS. It changes no result.
	Workers int `json:"-"`
}

// Steps say how the steps of delta activations are learned.
type Steps struct {
	// Fixed keeps steps as they are.
	Fixed bool `json:"fixed"`
	// Rule is the gradient to the steps; Split.
	Rule Rule `json:"rule"`
	// Rate is the steps' own learning rate, by which log q moves against its gradient; the
	// schedule scales it as it does the other. 0 stands for DefaultStepRate.
	Rate float64 `json:"rate"`
	// Floor is the least step as a share of what the layer's steps began with; 0 stands
	// for DefaultStepFloor.
	Floor float64 `json:"floor"`
	// Levels is how many steps the largest activation of the first batch has, where steps
	// are not given; 0 stands for DefaultStepLevels, or the layer's levels if these are fewer.
	Levels float64 `json:"levels"`
}

// Rule is which gradient a step gets of the gradient g to a delta activation's output.
type Rule string

// The rules. n is the level and a the activation.
const (
	// Split is -g n of the layer's own sparsity loss; of what comes from the layers behind it
	// is g (n - a/q), the rule of learned step sizes (Esser et al. 2020, arXiv:1902.08153),
	// without that paper's scaling. Beyond the last level it is g n.
	Split Rule = "split"
	// Flipped is -g n, of all losses.
	Flipped Rule = "flipped"
	// Usual is g n, by which steps collapse; it is there to show that.
	Usual Rule = "usual"
)

// The defaults, chosen on recordings of N-MNIST's training half, parts of which were held out.
const (
	DefaultEpochs     = 20
	DefaultBatch      = 32
	DefaultStepRate   = 0.2
	DefaultStepFloor  = 1.0 / 16
	DefaultStepLevels = 32
)

// complete gives the options with their defaults filled in.
func (o Options) complete() Options {
	o.Epochs = orInt(o.Epochs, DefaultEpochs)
	o.Batch = orInt(o.Batch, DefaultBatch)
	if o.Loss == "" {
		o.Loss = CrossEntropy
	}
	if o.Steps.Rule == "" {
		o.Steps.Rule = Split
	}
	o.Steps.Rate = or(o.Steps.Rate, DefaultStepRate)
	o.Steps.Floor = or(o.Steps.Floor, DefaultStepFloor)
	o.Steps.Levels = or(o.Steps.Levels, DefaultStepLevels)
	o.Optimiser = o.Optimiser.complete()
	o.Schedule = o.Schedule.complete(o.Optimiser)
	return o
}

func or(v, other float64) float64 {
	if v == 0 {
		return other
	}
	return v
}

func orInt(v, other int) int {
	if v == 0 {
		return other
	}
	return v
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Bounds of options.
const (
	maxEpochs      = 1 << 20
	maxBatch       = 1 << 16
	maxStepWeights = MaxSteps
	maxWorkers     = 1 << 10
)

// check tells whether completed options make sense.
func (o *Options) check() error {
	for _, c := range []struct {
		name      string
		v         float64
		low, high float64
	}{
		{"epochs", float64(o.Epochs), 1, maxEpochs},
		{"batch", float64(o.Batch), 1, maxBatch},
		{"workers", float64(o.Workers), 0, maxWorkers},
		{"input", o.Input, 0, 1e12},
		{"clip", o.Clip, 0, 1e12},
		{"sparsity", o.Sparsity, 0, 1e12},
		{"l1", o.L1, 0, 1e12},
		{"steps.rate", o.Steps.Rate, 0, 1e6},
		{"steps.floor", o.Steps.Floor, 1e-12, 1},
		{"steps.levels", o.Steps.Levels, 1, 1 << 15},
		{"step_weights", float64(len(o.StepWeights)), 0, maxStepWeights},
	} {
		if !(c.v >= c.low && c.v <= c.high) {
			return fmt.Errorf("%s: expected %v to %v, found %v", c.name, c.low, c.high, c.v)
		}
	}
	if o.Loss != CrossEntropy && o.Loss != MSE {
		return fmt.Errorf("loss: expected %s or %s, found %q", CrossEntropy, MSE, o.Loss)
	}
	if r := o.Steps.Rule; r != Flipped && r != Split && r != Usual {
		return fmt.Errorf("steps.rule: expected %s, %s or %s, found %q", Flipped, Split, Usual, r)
	}
	for i, w := range o.StepWeights {
		if !(w >= 0 && w <= 1e6) {
			return fmt.Errorf("step_weights: value %d: expected 0 to 1e6, found %v", i, w)
		}
	}
	if err := o.Optimiser.check(); err != nil {
		return fmt.Errorf("optimiser.%w", err)
	}
	if err := o.Schedule.check(); err != nil {
		return fmt.Errorf("schedule.%w", err)
	}
	return nil
}

// stepWeight is how much a step weighs in the task's loss.
func (o *Options) stepWeight(step int) float64 {
	if len(o.StepWeights) == 0 {
		return 1
	}
	return o.StepWeights[min(step, len(o.StepWeights)-1)]
}
