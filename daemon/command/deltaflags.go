package command

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// deltaTrainFlags say how a delta network is trained. Their defaults are those of package
// train, but where frames of recordings ask for others.
type deltaTrainFlags struct {
	Epochs    int     `help:"How often every recording is gone through. 0, with --refine: the network is taken as it is, and judged, cut (--cut) or put into a model." default:"10"`
	Shift     int     `help:"Learn from every recording in all places up to so many pixels away, too: with 1, an epoch is 9 times as long. For few recordings." placeholder:"PIXELS"`
	Batch     int     `help:"Recordings an update." default:"32"`
	Optimiser string  `help:"How a gradient changes weights." enum:"adam,sgd" placeholder:"NAME" default:"adam"`
	Momentum  float64 `help:"Share of the last change that goes on (sgd)." default:"0.9"`
	Rate      float64 `help:"Learning rate: the largest, if nothing is said 0.001 (adam) or 0.05 (sgd)." placeholder:"X"`
	Schedule  string  `help:"How the rate goes: cosine, down to --final; step, by --factor every so many epochs; constant." enum:"cosine,step,constant" placeholder:"NAME" default:"cosine"`
	Warmup    float64 `help:"Share of all updates in which the rate rises from zero." default:"0"`
	Final     float64 `help:"Share of the rate that is left in the end (cosine)." default:"0"`
	Every     int     `help:"Epochs from one fall to the next (step). If nothing is said, a third of all." placeholder:"N"`
	Factor    float64 `help:"What the rate is multiplied by then (step)." default:"0.1"`
	Decay     float64 `help:"Decay of weights: times the rate, the share that they lose in an update. If nothing is said 5 (adam) or 0.1 (sgd)." placeholder:"X"`
	Clip      float64 `help:"Longest gradient that is followed; a longer one is shortened. 0: none is." default:"0"`
	Loss      string  `help:"What outputs are compared by." enum:"cross-entropy,mse" placeholder:"NAME" default:"cross-entropy"`
	Lambda    float64 `help:"What the loss may rise for activations that change by 1 less from frame to frame, on average: the larger, the fewer multiply-adds." default:"0.1"`
	L1        float64 `name:"l1" help:"The same for activations that are smaller by 1, changing or not." default:"0"`
	Steps     string  `help:"Whether the steps that activations are rounded to are learned, or stay as the first batch asks for." enum:"learned,fixed" placeholder:"HOW" default:"learned"`
	StepRate  float64 `help:"Learning rate of the steps' logarithm (learned)." default:"0.2"`
	StepRule  string  `help:"Gradient to a step (learned). split: of the sparsity loss with its sign flipped, so that steps grow, of the task as it is; flipped: of both flipped, as the paper has it; usual: of none, by which steps collapse." enum:"split,flipped,usual" placeholder:"NAME" default:"split"`
	Seed      uint64  `help:"Seed of the weights to begin with, of the order of recordings, and of which are held out." default:"1"`
}

// The learning rates and decays where nothing is said: recordings have several frames, which are one
// another's neighbours, and that many updates at once want a smaller rate than single images.
const (
	deltaAdamRate, deltaAdamDecay = 1e-3, 5
	deltaSGDRate, deltaSGDDecay   = 0.05, 0.1
)

// options are the training's; what is out of range is wrong use.
func (f *deltaTrainFlags) options(g given) (train.Options, error) {
	if err := f.partners(g); err != nil {
		return train.Options{}, err
	}
	o := train.Options{
		Seed: f.Seed, Epochs: f.Epochs, Batch: f.Batch, Loss: train.Loss(f.Loss), Clip: f.Clip, Sparsity: f.Lambda, L1: f.L1,
		Optimiser: train.Optimiser{Kind: train.OptimiserKind(f.Optimiser), Decay: f.Decay},
		Schedule:  train.Schedule{Kind: train.ScheduleKind(f.Schedule), Rate: f.Rate, Warmup: f.Warmup},
		Steps:     train.Steps{Fixed: f.Steps == "fixed"},
	}
	rate, decay := deltaAdamRate, float64(deltaAdamDecay)
	if o.Optimiser.Kind == train.SGD {
		rate, decay = deltaSGDRate, deltaSGDDecay
	}
	if !g["rate"] {
		o.Schedule.Rate = rate
	}
	if !g["decay"] {
		o.Optimiser.Decay = decay
	}
	if o.Optimiser.Kind == train.SGD {
		o.Optimiser.Momentum = f.Momentum
		if f.Momentum == 0 {
			o.Optimiser.Momentum = -1 // 0 stands for the default there
		}
	}
	switch o.Schedule.Kind {
	case train.Cosine:
		o.Schedule.Final = f.Final
	case train.Step:
		o.Schedule.Every, o.Schedule.Factor = f.Every, f.Factor
	}
	if !o.Steps.Fixed {
		o.Steps.Rate, o.Steps.Rule = f.StepRate, train.Rule(f.StepRule)
	}
	if lost := o.Schedule.Rate * o.Optimiser.Decay; lost >= 1 {
		return o, usageError{fmt.Errorf("--rate %s and --decay %s: expected a product below 1, the share that weights lose in an update, found %s", plainly(o.Schedule.Rate), plainly(o.Optimiser.Decay), plainly(lost))}
	}
	return o, f.check()
}

// check refuses numbers that stand for a default elsewhere, or make no sense.
func (f *deltaTrainFlags) check() error {
	for _, n := range []struct {
		flag        string
		v, from, to float64
	}{
		{"epochs", float64(f.Epochs), 0, 1 << 20},
		{"shift", float64(f.Shift), 0, learn.MaxShift},
		{"batch", float64(f.Batch), 1, 1 << 16},
		{"momentum", f.Momentum, 0, 0.999},
		{"warmup", f.Warmup, 0, 1},
		{"final", f.Final, 0, 1},
		{"every", float64(f.Every), 0, 1 << 20},
		{"factor", f.Factor, 1e-6, 1},
		{"decay", f.Decay, 0, 1e3},
		{"clip", f.Clip, 0, 1e9},
		{"lambda", f.Lambda, 0, 1e6},
		{"l1", f.L1, 0, 1e6},
		{"rate", f.Rate, 0, 1e3},
		{"step-rate", f.StepRate, 1e-6, 1e3},
	} {
		if !(n.v >= n.from && n.v <= n.to) {
			return usageError{fmt.Errorf("--%s: expected %s to %s, found %s", n.flag, plainly(n.from), plainly(n.to), plainly(n.v))}
		}
	}
	return nil
}

// plainly writes a number without a power of ten.
func plainly(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// partners refuses what would change nothing without another flag, or with one.
func (f *deltaTrainFlags) partners(g given) error {
	var of []error
	if f.Optimiser != string(train.SGD) {
		of = append(of, g.unused("--optimiser sgd with it", "momentum"))
	}
	if f.Schedule != string(train.Cosine) {
		of = append(of, g.unused("--schedule cosine with it", "final"))
	}
	if f.Schedule != string(train.Step) {
		of = append(of, g.unused("--schedule step with it", "every", "factor"))
	}
	if f.Steps != "learned" {
		of = append(of, g.unused("--steps learned with it", "step-rate", "step-rule"))
	}
	if g["rate"] && !(f.Rate > 0 && !math.IsInf(f.Rate, 1)) {
		of = append(of, usageError{fmt.Errorf("--rate: expected a number above 0, found %v", f.Rate)})
	}
	return firstOf(of...)
}

// holdOutFlags say what is kept for judging.
type holdOutFlags struct {
	HoldOut float64 `help:"Share of each label's recordings that is judged by and not learned from. 0: none." default:"0.2"`
	Again   bool    `help:"When the held-out recordings have been judged, train anew on all: that network is written, calibrated as the one that was judged."`
}

func (f *holdOutFlags) check() error {
	switch {
	case !(f.HoldOut >= 0 && f.HoldOut <= learn.MaxHoldOut):
		return usageError{fmt.Errorf("--hold-out: expected a share from 0 to %v, found %v", learn.MaxHoldOut, f.HoldOut)}
	case f.HoldOut == 0 && f.Again:
		return usageError{errors.New("--again: expected --hold-out above 0 with it")}
	}
	return nil
}

// anyOf tells whether one of several flags was given.
func (g given) anyOf(flags []string) bool {
	return slices.ContainsFunc(flags, func(name string) bool { return g[name] })
}
