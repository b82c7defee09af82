package command

import (
	"errors"

	"github.com/saccade-dev/saccade/daemon/learn"
)

// settingFlags are the flags that say what a checkpoint was found to differ in.
var settingFlags = map[string]string{
	"again": "again", "hold_out": "hold-out", "refined": "refine", "shifted": "shift",

	"frames.decay": "fade", "frames.every": "interval", "frames.every_events": "interval", "frames.height": "geometry",
	"frames.kernel": "kernel", "frames.kind": "kind", "frames.last_events": "last", "frames.layer": "layer",
	"frames.levels": "levels", "frames.max_empty": "max-empty", "frames.mode": "mode", "frames.pool": "pool",
	"frames.source": "frames", "frames.step": "unit", "frames.tau": "tau", "frames.width": "geometry",

	"option batch": "batch", "option clip": "clip", "option epochs": "epochs", "option l1": "l1", "option loss": "loss",
	"option optimiser.decay": "decay", "option optimiser.kind": "optimiser", "option optimiser.momentum": "momentum",
	"option schedule.every": "every", "option schedule.factor": "factor", "option schedule.final": "final",
	"option schedule.kind": "schedule", "option schedule.rate": "rate", "option schedule.warmup": "warmup",
	"option seed": "seed", "option sparsity": "lambda",
	"option steps.fixed": "steps", "option steps.rate": "step-rate", "option steps.rule": "step-rule",
}

// inFlags names what differs from a checkpoint by the flag that says it, too.
func inFlags(err error) error {
	if o, found := errors.AsType[*learn.OtherTrainingError](err); found {
		if flag, known := settingFlags[o.Setting]; known {
			o.Setting = "--" + flag + " (" + o.Setting + ")"
		}
	}
	return err
}
