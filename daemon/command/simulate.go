package command

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

type simulateCmd struct {
	Out    string `arg:"" help:"Folder to write, new or empty: Train/<digit>/<number>.bin and Test/<digit>/<number>.bin."`
	Train  int    `help:"Recordings in the training half." default:"800"`
	Test   int    `help:"Recordings in the test half." default:"150"`
	Seed   uint64 `help:"Seed of everything that is random." default:"1"`
	Images string `help:"MNIST's images (idx, plain or gzip), in place of digits drawn from fonts." placeholder:"FILE"`
	Labels string `help:"The labels of the images." placeholder:"FILE"`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

func (c *simulateCmd) Run(e *env) error {
	if err := together(c.Images, c.Labels); err != nil {
		return err
	}
	for _, half := range []struct {
		flag string
		n    int
	}{{"--train", c.Train}, {"--test", c.Test}} {
		if half.n < 0 || half.n > saccades.MaxLen {
			return usageError{fmt.Errorf("%s: expected 0 to %d, found %d", half.flag, saccades.MaxLen, half.n)}
		}
	}
	source, err := digitSource(c.Images, c.Labels)
	if err != nil {
		return err
	}
	bars := e.bars()
	stage := bars.Stage("simulating recordings")
	n, err := simulate.Write(e.ctx, simulate.Options{
		Dir: c.Out, Train: c.Train, Test: c.Test, Seed: c.Seed,
		Source: source, Config: saccades.DefaultConfig(), Done: stage.Steps(c.Train + c.Test),
	})
	stage.End()
	bars.Close()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, struct {
			Dir    string `json:"dir"`
			Train  int    `json:"train"`
			Test   int    `json:"test"`
			Events int64  `json:"events"`
		}{c.Out, c.Train, c.Test, n})
	}
	return printf(e.stdout, "%s and %s with %s events in %s\n",
		plural(c.Train, "training recording"), plural(c.Test, "test recording"), grouped(n), c.Out)
}

// together refuses one of --images and --labels without the other.
func together(images, labels string) error {
	if (images == "") != (labels == "") {
		return usageError{errors.New("--images and --labels: expected both or none")}
	}
	return nil
}

// digitSource gives MNIST's digits where there are any, and drawn ones elsewhere.
func digitSource(images, labels string) (saccades.Source, error) {
	if images != "" {
		return digits.OpenMNIST(images, labels)
	}
	return digits.NewFonts(digits.DefaultStyle())
}
