package command

import (
	"errors"
	"time"

	"github.com/saccade-dev/saccade/daemon/demo"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

type demoCmd struct {
	Data     string   `help:"Folder with recordings in Train/<label> and Test/<label>, such as N-MNIST; without it they are simulated." placeholder:"DIR"`
	Out      string   `help:"Folder for the pictures and report.html." default:"saccade-demo" placeholder:"DIR"`
	Train    int      `help:"Training recordings: how many to simulate, or the most to take of --data." placeholder:"N"`
	Test     int      `help:"Test recordings, likewise." placeholder:"N"`
	Geometry geometry `help:"Size of the sensor of --data." placeholder:"WxH" default:"34x34"`
	Images   string   `help:"MNIST's images (idx, plain or gzip) to simulate from, in place of digits drawn from fonts." placeholder:"FILE"`
	Labels   string   `help:"The labels of the images." placeholder:"FILE"`
	Method   string   `help:"How the readout is trained." enum:"ridge,logistic" default:"ridge"`
	Seed     uint64   `help:"Seed of everything that is random." default:"1"`
	Device   string   `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON     bool     `name:"json" help:"Print one JSON object."`
}

// What is simulated where nothing else is said.
const (
	demoTrain = 400
	demoTest  = 100
)

func (c *demoCmd) Run(e *env) error {
	if c.Train < 0 || c.Test < 0 || (c.Images == "") != (c.Labels == "") {
		return usageError{errors.New("expected --train and --test of 0 or more, and --images together with --labels")}
	}
	if _, err := hw.Find(c.Device); err != nil {
		return usageError{err}
	}
	o := demo.Options{
		Data: c.Data, Train: c.Train, Test: c.Test, Geometry: c.Geometry.Geometry,
		Seed: c.Seed, Device: c.Device, Method: readout.Method(c.Method),
		Log:   newLogger(e.stderr, levelQuiet, "text"),
		Stage: c.stage(e),
	}
	if c.Data == "" {
		var err error
		if o.Source, err = digitSource(c.Images, c.Labels); err != nil {
			return err
		}
		if o.Train == 0 {
			o.Train = demoTrain
		}
		if o.Test == 0 {
			o.Test = demoTest
		}
	}
	r, err := demo.Run(e.ctx, o)
	if err != nil {
		return err
	}
	files, err := report.Write(c.Out, r.Report())
	if err != nil {
		return err
	}
	page := files[len(files)-1]
	if c.JSON {
		if err := printf(e.stderr, "report: %s\n", page); err != nil {
			return err
		}
		return printJSON(e.stdout, r)
	}
	return printf(e.stdout, "%s\n  pictures and report: %s\n", r, page)
}

// stage tells what is going on: a bar on a terminal, a line elsewhere.
func (c *demoCmd) stage(e *env) func(string, int) (func(), func()) {
	tty := terminal(e.stderr)
	return func(name string, steps int) (func(), func()) {
		if tty && steps > 0 {
			bars := progress.On(e.stderr, true)
			bar := bars.Add(name, steps)
			return bar.Step, func() { bar.Done(); bars.Wait() }
		}
		start := time.Now()
		n := 0
		return func() { n++ }, func() {
			// What cannot be told here does not matter to the result.
			_ = printf(e.stderr, "%s: %d of %d in %.1f s\n", name, n, steps, time.Since(start).Seconds())
		}
	}
}
