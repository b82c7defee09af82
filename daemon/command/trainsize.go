package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/daemon/sizing"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// train chooses the number of neurons, learns with it from the recordings as they are,
// and tells both. The curve is told, and its page written, also where it speaks for no
// size; that is then an error.
func (f *sizeFlags) train(e *env, c *trainFeastCmd, o *sizing.Options, config feast.Config, target hw.Target, recordings []nmnist.Recording) error {
	o.Config, o.Target, o.Recordings = config, target, recordings
	if err := o.Validate(); err != nil {
		return usageError{err}
	}
	bars := e.bars()
	r, err := f.chooseAndSave(e, bars, c, o)
	bars.Close()
	if r == nil {
		return err
	}
	if c.JSON {
		if err != nil {
			return err
		}
		return printJSON(e.stdout, r)
	}
	if perr := r.print(e, f, config); perr != nil {
		return perr
	}
	return err
}

// chooseAndSave does the work. Where it gives a result beside an error, that holds what
// was measured.
func (f *sizeFlags) chooseAndSave(e *env, bars *progress.Display, c *trainFeastCmd, o *sizing.Options) (*sizedResult, error) {
	stage := bars.Stage("trying sizes")
	o.Done = stage.Steps(o.Steps())
	found, err := sizing.Run(e.ctx, *o)
	stage.End()
	if err != nil {
		return nil, err
	}
	if f.SizeReport != "" {
		if err := report.WriteSizes(f.SizeReport, found.Page(o.Target.Name())); err != nil {
			return nil, err
		}
	}
	r := &sizedResult{Size: found}
	if err := found.Err(); err != nil {
		return r, fmt.Errorf("--size auto: %w", err)
	}
	o.Config.Neurons = found.Choice.Neurons
	r.featuresResult, err = c.save(e, bars, stack.Of(o.Config), o.Target, o.Recordings)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// sizedResult is what `train feast --size auto --json` prints.
type sizedResult struct {
	featuresResult
	Size sizing.Result `json:"size"`
}

// print tells people: the curve, and what was learned, where something was.
func (r *sizedResult) print(e *env, f *sizeFlags, config feast.Config) error {
	if err := printf(e.stdout, "%s", r.Size); err != nil {
		return err
	}
	if f.SizeReport != "" {
		if err := printf(e.stdout, "  curve   %s\n", f.SizeReport); err != nil {
			return err
		}
	}
	if r.Size.Choice.Neurons == 0 {
		return nil
	}
	config.Neurons = r.Size.Choice.Neurons
	if err := printf(e.stdout, "\n"); err != nil {
		return err
	}
	learned := r.featuresResult
	return learned.print(e, stack.Of(config))
}
