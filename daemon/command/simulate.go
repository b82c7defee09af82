package command

import (
	"errors"

	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

type simulateCmd struct {
	Out    string `arg:"" help:"Folder to write: Train/<digit>/<number>.bin and Test/<digit>/<number>.bin."`
	Train  int    `help:"Recordings in the training half." default:"800"`
	Test   int    `help:"Recordings in the test half." default:"150"`
	Seed   uint64 `help:"Seed of everything that is random." default:"1"`
	Images string `help:"MNIST's images (idx, plain or gzip), in place of digits drawn from fonts." placeholder:"FILE"`
	Labels string `help:"The labels of the images." placeholder:"FILE"`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

func (c *simulateCmd) Run(e *env) error {
	switch {
	case (c.Images == "") != (c.Labels == ""):
		return usageError{errors.New("--images and --labels belong together")}
	case c.Train < 0 || c.Test < 0 || c.Train > saccades.MaxLen || c.Test > saccades.MaxLen:
		return usageError{errors.New("--train, --test: out of range")}
	}
	source, err := digitSource(c.Images, c.Labels)
	if err != nil {
		return err
	}
	bars := progress.On(e.stderr, terminal(e.stderr))
	bar := bars.Add("simulating", c.Train+c.Test)
	n, err := simulate.Write(e.ctx, simulate.Options{
		Dir: c.Out, Train: c.Train, Test: c.Test, Seed: c.Seed,
		Source: source, Config: saccades.DefaultConfig(), Done: bar.Step,
	})
	bar.Done()
	bars.Wait()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{"dir": c.Out, "train": c.Train, "test": c.Test, "events": n})
	}
	return printf(e.stdout, "%d training and %d test recordings with %d events in %s\n", c.Train, c.Test, n, c.Out)
}

// digitSource gives MNIST's digits where there are any, and drawn ones elsewhere.
func digitSource(images, labels string) (saccades.Source, error) {
	if images != "" {
		return digits.OpenMNIST(images, labels)
	}
	return digits.NewFonts(digits.DefaultStyle())
}
