package command

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/saccade-dev/saccade/daemon/demo"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/sim/saccades"
)

type demoCmd struct {
	Data     string   `help:"Folder with recordings in Train/<label> and Test/<label>, such as N-MNIST; without it they are simulated." placeholder:"DIR"`
	Out      string   `help:"Folder for the pictures and report.html." default:"saccade-demo" placeholder:"DIR"`
	Train    int      `help:"Training recordings: how many to simulate (400 if it is 0), or the most to take of --data (0: all)." placeholder:"N"`
	Test     int      `help:"Test recordings, likewise (100 if it is 0)." placeholder:"N"`
	Geometry geometry `help:"Size of the sensor of --data." placeholder:"WxH" default:"34x34"`
	Images   string   `help:"MNIST's images (idx, plain or gzip) to simulate from, in place of digits drawn from fonts." placeholder:"FILE"`
	Labels   string   `help:"The labels of the images." placeholder:"FILE"`
	Method   string   `help:"How the readout is trained." enum:"ridge,logistic" placeholder:"NAME" default:"ridge"`
	Seed     uint64   `help:"Seed of everything that is random." default:"1"`
	Device   string   `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON     bool     `name:"json" help:"Print one JSON object."`
}

// What is simulated where nothing else is said.
const (
	demoTrain = 400
	demoTest  = 100
)

func (c *demoCmd) check() error {
	for _, half := range []struct {
		flag string
		n    int
	}{{"--train", c.Train}, {"--test", c.Test}} {
		if half.n < 0 || half.n > saccades.MaxLen {
			return usageError{fmt.Errorf("%s: expected 0 to %d, found %d", half.flag, saccades.MaxLen, half.n)}
		}
	}
	if err := together(c.Images, c.Labels); err != nil {
		return err
	}
	if c.Data != "" && c.Images != "" {
		return usageError{errors.New("--data and --images: expected recordings to take, or images to simulate them from, not both")}
	}
	if _, err := hw.Find(c.Device); err != nil {
		return usageError{err}
	}
	return nil
}

func (c *demoCmd) Run(e *env) error {
	if err := c.check(); err != nil {
		return err
	}
	o := demo.Options{
		Data: c.Data, Train: c.Train, Test: c.Test, Geometry: c.Geometry.Geometry,
		Seed: c.Seed, Device: c.Device, Method: readout.Method(c.Method),
		Log: newLogger(e.stderr, levelQuiet, "text"),
	}
	if c.Data == "" {
		var err error
		if o.Source, err = digitSource(c.Images, c.Labels); err != nil {
			return err
		}
		o.Geometry = saccades.DefaultConfig().Geometry
		o.Train, o.Test = cmp.Or(c.Train, demoTrain), cmp.Or(c.Test, demoTest)
	}
	// A folder that cannot be written is told before the story and not after it.
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return err
	}
	display := e.progress(progress.Lines)
	o.Stage = func(name string) demo.Stage { return display.Stage(name) }
	r, err := demo.Run(e.ctx, o)
	display.Close()
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
	return printf(e.stdout, "%s", demoText(r, page))
}

// demoText is what the demo found, for people.
func demoText(r *demo.Result, page string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("")
	line("%s", matrix(r.Confusion))
	const row = "  %-17s %10s  %16s  %16s%s"
	line(row, "", "recordings", "learned features", "raw event counts", "")
	line(row, "test, over NATS", grouped(r.TestRecordings), percent(r.Accuracy), percent(r.RawAccuracy), "")
	line(row, "cross-validation", grouped(r.TrainRecordings), percent(r.CrossValidation), percent(r.RawCrossValidation), fmt.Sprintf("  %d folds", r.Folds))
	line("")
	line("  events/s   %s while learning, %s with frozen features, on %s", rate(r.Learning.Rate), rate(r.Frozen().Rate), r.Device)
	line("  latency    %s median, %s 99th percentile, from publish to result", milliseconds(r.P50), milliseconds(r.P99))
	line("  missed     %s while learning; %s", percent(r.MissedRate), missesPerHit(r.MissesPerHit, r.Balance))
	for i, f := range r.Findings {
		name := "layer"
		if i > 0 {
			name = ""
		}
		line("  %-10s %s after %s", name, f.Change, plural(f.At, "event"))
	}
	line("  report     %s", page)
	return b.String()
}
