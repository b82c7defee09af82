package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/hw"
)

type deltaRunCmd struct {
	Net       string  `arg:"" name:"net" help:"File of a delta network; with --lava, a numpy archive of weights."`
	Frames    string  `arg:"" name:"frames" help:"Frames, an .npy file or an archive of one: levels by [step][channel][row][column], or of one frame alone."`
	Lava      string  `help:"Run a sigma-delta network of lava-dl, in the arithmetic of the hardware that those are for: its layers and thresholds, a file as package features/delta/lava has it. NET is the archive of its integers, NAME.weight and NAME.bias of each layer." placeholder:"TOPOLOGY"`
	Hold      int     `help:"Steps that every frame is held for. A network of lava-dl is pipelined: what goes in comes out as many steps later as it has layers with weights." placeholder:"N" default:"1"`
	Expect    string  `help:"What is expected of each step, an .npy file or an archive of one: outputs as the integers that the network computes, which must be the same; outputs as floats of what they are worth; or one label a step. Of the latter two it is told how many are." placeholder:"OUTPUT"`
	Tolerance float64 `help:"How far outputs may be from floats that are expected; further is a failure." placeholder:"X"`
	Mode      string  `help:"How layers with weights compute; the results are the same. auto: add what changed unless that is more work; delta: always; dense: multiply everything." enum:"auto,delta,dense" placeholder:"HOW" default:"auto"`
	Device    string  `help:"What to compute on, as 'saccade devices' lists. A device with a delta engine holds the layers with weights that it can, and adds what changed." default:"auto"`
	Show      int     `help:"The outputs of how many steps are printed, the first ones." placeholder:"N" default:"10"`
	JSON      bool    `name:"json" help:"Print one JSON object, with the outputs of all steps."`
}

// maxHold and maxSteps bound how often a frame is given, and all of them are.
const (
	maxHold  = 1 << 20
	maxSteps = npz.MaxValues
)

func (c *deltaRunCmd) Run(e *env) (err error) {
	if err := c.check(e.given); err != nil {
		return err
	}
	target, err := hw.Find(c.Device)
	if err != nil {
		return usageError{err}
	}
	network, err := c.open(e, target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.close()) }()
	frames, err := loadFrames(c.Frames, network.input())
	if err != nil {
		return err
	}
	if frames.hold = c.Hold; frames.steps() > maxSteps {
		return usageError{fmt.Errorf("--hold: expected at most %d steps, found %s of %d", maxSteps, plural(frames.count, "frame"), c.Hold)}
	}
	var want *expectation
	if c.Expect != "" {
		if want, err = loadExpectation(c.Expect, frames.steps(), network.output()); err != nil {
			return err
		}
	}
	r, err := c.steps(e, network, frames, want)
	if err != nil {
		return err
	}
	if want != nil {
		r.Expected = want.result
	}
	if c.JSON {
		err = printJSON(e.stdout, r)
	} else {
		err = printf(e.stdout, "%s", r.text(c.Show))
	}
	if err == nil && want != nil {
		err = want.err(c.Expect, c.Tolerance, e.given["tolerance"])
	}
	return err
}

func (c *deltaRunCmd) check(g given) error {
	switch {
	case c.Show < 0:
		return usageError{fmt.Errorf("--show: expected 0 or more, found %d", c.Show)}
	case c.Hold < 1 || c.Hold > maxHold:
		return usageError{fmt.Errorf("--hold: expected 1 to %d, found %d", maxHold, c.Hold)}
	case g["tolerance"] && (c.Expect == "" || !(c.Tolerance >= 0)):
		return usageError{errors.New("--tolerance: expected 0 or more, and --expect with it")}
	case c.Lava != "":
		return g.unused("no --lava with it, whose networks add what changed", "mode")
	}
	return nil
}

// open makes the network, ready to run.
func (c *deltaRunCmd) open(e *env, target hw.Target) (stepper, error) {
	archive, err := isArchive(c.Net, delta.MaxFileBytes)
	switch {
	case err != nil:
		return nil, err
	case c.Lava != "":
		return newLavaStepper(e, c.Lava, c.Net, target)
	case archive:
		return nil, usageError{errors.New("expected --lava=TOPOLOGY: a numpy archive has weights alone (make a delta network of one of floats by 'saccade import')")}
	}
	network, err := delta.Load(c.Net)
	if err != nil {
		return nil, err
	}
	return newDeltaStepper(e, network, c.Mode, target)
}

// steps runs the network over the frames; only the steps themselves are timed.
func (c *deltaRunCmd) steps(e *env, network stepper, frames *frameFile, want *expectation) (*runResult, error) {
	r := &runResult{Net: c.Net, Frames: frames.steps(), Held: frames.hold}
	network.describe(r)
	bars := e.bars()
	defer bars.Close()
	stage := bars.Stage("running")
	done := stage.Steps(frames.steps())
	var spent time.Duration
	err := frames.each(func(k int, frame []int32) error {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		start := time.Now()
		out, err := network.step(frame)
		spent += time.Since(start)
		if err != nil {
			return fmt.Errorf("%s: frame %d: %w", c.Frames, k/frames.hold, err)
		}
		real := network.real(out)
		r.add(network.macs())
		if c.JSON || k < c.Show { // what is not printed is not kept
			r.Outputs = append(r.Outputs, real)
			r.Labels = append(r.Labels, largest(real))
			r.StepMACs = append(r.StepMACs, network.macs())
		}
		if want != nil {
			want.take(k, out, real)
		}
		done()
		return nil
	})
	if err != nil {
		return nil, err
	}
	stage.End()
	r.FramesPerS = float64(frames.steps()) / max(spent.Seconds(), 1e-9)
	if err := network.count(r); err != nil {
		return nil, err
	}
	r.finish()
	return r, nil
}
