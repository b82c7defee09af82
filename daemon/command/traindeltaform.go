package command

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// formFlags say what becomes of a network when it has been trained.
type formFlags struct {
	Cut       float64 `help:"Make small values zero wherever weights take them, as far as the cross-entropy of the recordings held out allows: it may rise by the logarithm of 1 + PERCENT/100 (Sparsing Law's PPL-p %). 0: cut nothing." placeholder:"PERCENT" default:"0"`
	Threshold int     `help:"Send a change of an activation only when it is more than N steps away from what was last sent. 0: send every change." placeholder:"N" default:"0"`
}

func (f *formFlags) check(h *holdOutFlags) error {
	switch {
	case !(f.Cut >= 0 && f.Cut <= train.MaxP):
		return usageError{fmt.Errorf("--cut: expected 0 to %d per cent, found %v", train.MaxP, f.Cut)}
	case f.Cut > 0 && h.HoldOut == 0:
		return usageError{errors.New("--cut: expected --hold-out above 0 with it: recordings whose cross-entropy it may cost")}
	case f.Threshold < 0 || f.Threshold > topology.MaxLevels:
		return usageError{fmt.Errorf("--threshold: expected 0 to %d, found %d", topology.MaxLevels, f.Threshold)}
	}
	return nil
}

// asItIs tells whether the network that is refined is only to be judged, and changed by what follows training;
// what is for training makes no sense then.
func (c *trainDeltaCmd) asItIs(g given) error {
	switch {
	case c.Training.Epochs != 0:
		return nil
	case c.Network.Refine == "":
		return usageError{errors.New("--epochs 0: expected --refine with it, whose network is taken as it is")}
	}
	return g.unused("no --epochs 0 with it, which trains nothing", append(c.Training.names(), "checkpoint", "again")...)
}

// names are those of all flags that say how training goes on, but of how long and of the seed.
func (f *deltaTrainFlags) names() []string {
	return []string{
		"shift", "batch", "optimiser", "momentum", "rate", "schedule", "warmup", "final", "every", "factor", "decay", "clip",
		"lambda", "l1", "steps", "step-rate", "step-rule",
	}
}
