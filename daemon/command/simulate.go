package command

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/sim/airplanes"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
	"github.com/saccade-dev/saccade/sim/sensor"
)

type simulateCmd struct {
	Out      string        `arg:"" help:"Folder to write, new or empty: Train/<label>/<number>.bin and Test/<label>/<number>.bin."`
	Scene    string        `help:"What the camera sees: saccades over digits, 34x34, or airplanes crossing a field of 304x240." enum:"digits,airplanes" placeholder:"NAME" default:"digits"`
	Train    int           `help:"Recordings in the training half." default:"800"`
	Test     int           `help:"Recordings in the test half." default:"150"`
	Seed     uint64        `help:"Seed of everything that is random." default:"1"`
	Images   string        `help:"Digits: MNIST's images (idx, plain or gzip), in place of digits drawn from fonts." placeholder:"FILE"`
	Labels   string        `help:"Digits: the labels of the images." placeholder:"FILE"`
	Airplane airplaneFlags `embed:""`
	JSON     bool          `name:"json" help:"Print one JSON object."`
}

// airplaneFlags change the scene of that name. They are nil where they are not given.
type airplaneFlags struct {
	Format     *string   `help:"Airplanes: the file format. nmnist (default) holds 256x240 pixels at the most." placeholder:"NAME"`
	Geometry   *geometry `help:"Airplanes: the part in the middle of the field to write. Default: all of it, or as much as nmnist holds." placeholder:"WxH"`
	Noise      *float64  `help:"Airplanes: noise events a pixel and second. Default: 0.5." placeholder:"HZ"`
	Background *float64  `help:"Airplanes: contrast of the moving background, 0 (none) to 1. Default: 0.6." placeholder:"CONTRAST"`
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
	write := c.digits
	switch {
	case c.Scene == "airplanes" && c.Images != "":
		return usageError{errors.New("--images: expected --scene digits, which has images")}
	case c.Scene == "airplanes":
		write = c.airplanes
		if err := c.Airplane.check(); err != nil {
			return usageError{err}
		}
		if err := c.options().Validate(); err != nil {
			return usageError{err}
		}
	case c.Airplane != (airplaneFlags{}):
		return usageError{errors.New("--format, --geometry, --noise and --background: expected --scene airplanes, which they change")}
	}
	bars := e.bars()
	stage := bars.Stage("simulating recordings")
	n, err := write(e, stage.Steps(c.Train+c.Test))
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

func (c *simulateCmd) digits(e *env, done func()) (int64, error) {
	source, err := digitSource(c.Images, c.Labels)
	if err != nil {
		return 0, err
	}
	return simulate.Write(e.ctx, simulate.Options{
		Dir: c.Out, Train: c.Train, Test: c.Test, Seed: c.Seed,
		Source: source, Config: saccades.DefaultConfig(), Done: done,
	})
}

func (c *simulateCmd) airplanes(e *env, done func()) (int64, error) {
	o := c.options()
	o.Done = done
	return simulate.WriteAirplanes(e.ctx, o)
}

// options are what the flags say of aeroplanes.
func (c *simulateCmd) options() simulate.AirplaneOptions {
	o := simulate.AirplaneOptions{
		Dir: c.Out, Train: c.Train, Test: c.Test, Seed: c.Seed, Config: airplanes.DefaultConfig(),
	}
	f := c.Airplane
	if f.Format != nil {
		o.Format = *f.Format
	}
	if f.Geometry != nil {
		o.Keep = f.Geometry.Geometry
	}
	if f.Noise != nil {
		o.Config.Sensor.NoiseRate = *f.Noise
	}
	if f.Background != nil {
		o.Config.Texture = *f.Background
	}
	return o
}

// check refuses numbers that no camera has, by the names of their flags.
func (f *airplaneFlags) check() error {
	for _, n := range []struct {
		flag string
		v    *float64
		high float64
	}{{"--noise", f.Noise, sensor.MaxRate}, {"--background", f.Background, 1}} {
		if n.v != nil && !(*n.v >= 0 && *n.v <= n.high) { // NaN is refused as well
			return fmt.Errorf("%s: expected 0 to %g, found %g", n.flag, n.high, *n.v)
		}
	}
	return nil
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
