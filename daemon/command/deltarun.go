package command

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/hw"
)

type deltaRunCmd struct {
	Net       string  `arg:"" name:"net" help:"File of a delta network."`
	Frames    string  `arg:"" name:"frames" help:"Frames, an .npy file or an archive of one: levels by [step][channel][row][column]."`
	Expect    string  `help:"What is expected of each frame, an .npy file or an archive of one: outputs as the integers that the network computes, which must be the same; outputs as floats of what they are worth; or one label a frame. Of the latter two it is told how many are." placeholder:"OUTPUT"`
	Tolerance float64 `help:"How far outputs may be from floats that are expected; further is a failure." placeholder:"X"`
	Mode      string  `help:"How layers with weights compute; the results are the same. auto: add what changed unless that is more work; delta: always; dense: multiply everything." enum:"auto,delta,dense" placeholder:"HOW" default:"auto"`
	Device    string  `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	Show      int     `help:"The outputs of how many frames are printed, the first ones." placeholder:"N" default:"10"`
	JSON      bool    `name:"json" help:"Print one JSON object, with the outputs of all frames."`
}

func (c *deltaRunCmd) Run(e *env) error {
	if c.Show < 0 {
		return usageError{fmt.Errorf("--show: expected 0 or more, found %d", c.Show)}
	}
	if e.given["tolerance"] && (c.Expect == "" || !(c.Tolerance >= 0)) {
		return usageError{errors.New("--tolerance: expected 0 or more, and --expect with it")}
	}
	target, err := hw.Find(c.Device)
	if err != nil {
		return usageError{err}
	}
	network, err := delta.Load(c.Net)
	if err != nil {
		return err
	}
	frames, err := loadFrames(c.Frames, network.Topology().Input)
	if err != nil {
		return err
	}
	mode := map[string]delta.Mode{"auto": delta.Auto, "delta": delta.AlwaysDelta, "dense": delta.AlwaysDense}[c.Mode]
	engine, err := delta.NewEngineWith(network, target, delta.Options{Mode: mode})
	if err != nil {
		return err
	}
	var want *expectation
	if c.Expect != "" {
		if want, err = loadExpectation(c.Expect, len(frames), network.Graph().Last().Out); err != nil {
			return err
		}
	}
	r, err := c.steps(e, engine, target, frames, want)
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

// steps runs the network over the frames; only the steps themselves are timed.
func (c *deltaRunCmd) steps(e *env, engine *delta.Engine, target hw.Target, frames [][]int32, want *expectation) (*runResult, error) {
	network := engine.Network()
	r := &runResult{Net: c.Net, Frames: len(frames), Device: target.Name(), Mode: c.Mode}
	bars := e.bars()
	defer bars.Close()
	stage := bars.Stage("running")
	done := stage.Steps(len(frames))
	var spent time.Duration
	for k, frame := range frames {
		if err := e.ctx.Err(); err != nil {
			return nil, err
		}
		start := time.Now()
		out, err := engine.Step(frame)
		spent += time.Since(start)
		if err != nil {
			return nil, fmt.Errorf("%s: frame %d: %w", c.Frames, k, err)
		}
		if k == 0 {
			counters := engine.Counters()
			r.FirstMACs, _ = counters.MACs()
		}
		real := network.Real(nil, out)
		r.Outputs = append(r.Outputs, real)
		r.Labels = append(r.Labels, largest(real))
		if want != nil {
			want.take(k, out, real)
		}
		done()
	}
	stage.End()
	r.FramesPerS = float64(len(frames)) / max(spent.Seconds(), 1e-9)
	r.count(engine.Counters())
	return r, nil
}

// runResult is what `run --json` prints. Numbers of multiply-adds and of what was sent
// are those of a frame on average, the first one with its network at zero among them.
type runResult struct {
	Net        string      `json:"net"`
	Frames     int         `json:"frames"`
	Device     string      `json:"device"`
	Mode       string      `json:"mode"`
	Labels     []int       `json:"labels"`
	Outputs    [][]float64 `json:"outputs"`
	Layers     []runLayer  `json:"layers"`
	MACs       float64     `json:"macs"`
	FirstMACs  uint64      `json:"first_macs"` // of the first frame
	LaterMACs  float64     `json:"later_macs"` // of a frame behind it
	DenseMACs  uint64      `json:"dense_macs"`
	StateBytes int         `json:"state_bytes"`
	FramesPerS float64     `json:"frames_per_s"`
	Expected   any         `json:"expected,omitempty"`
}

type runLayer struct {
	Layer      string  `json:"layer"`
	Neurons    int     `json:"neurons"`
	MACs       float64 `json:"macs"`
	DenseMACs  uint64  `json:"dense_macs"`
	DenseSteps uint64  `json:"dense_steps"` // frames in which multiplying everything was less work
	Sent       float64 `json:"sent"`
	Density    float64 `json:"density"` // sent, of all values
	Zeros      float64 `json:"zeros"`   // share of the values
	StateBytes int     `json:"state_bytes"`
}

// count takes what the engine has counted.
func (r *runResult) count(c delta.Counters) {
	steps := float64(max(c.Steps, 1))
	for i := range c.Layers {
		l := &c.Layers[i]
		all := steps * float64(max(l.Neurons, 1))
		r.Layers = append(r.Layers, runLayer{
			Layer: l.Layer, Neurons: l.Neurons, MACs: float64(l.TotalMACs) / steps, DenseMACs: l.DenseMACs, DenseSteps: l.DenseSteps,
			Sent: float64(l.TotalSent) / steps, Density: float64(l.TotalSent) / all, Zeros: float64(l.TotalZeros) / all, StateBytes: l.StateBytes,
		})
	}
	total, _ := c.TotalMACs()
	_, r.DenseMACs = c.MACs()
	r.MACs = float64(total) / steps
	if c.Steps > 1 {
		r.LaterMACs = float64(total-r.FirstMACs) / (steps - 1)
	}
	r.StateBytes = c.StateBytes()
}

// text writes the first outputs, and what the layers did.
func (r *runResult) text(show int) string {
	var b strings.Builder
	show = min(show, r.Frames)
	for k, out := range r.Outputs[:show] {
		fmt.Fprintf(&b, "  frame %d  label %d ", k, r.Labels[k])
		for i, v := range out {
			if i == maxShownOutputs {
				fmt.Fprintf(&b, " and %d more", len(out)-i)
				break
			}
			fmt.Fprintf(&b, " %.5g", v)
		}
		b.WriteByte('\n')
	}
	if show > 0 && show < r.Frames {
		fmt.Fprintf(&b, "  and %s more\n", plural(r.Frames-show, "frame"))
	}
	if show > 0 {
		b.WriteByte('\n')
	}
	rows := [][]string{{"layer", "values", "sent", "density", "multiply-adds", "of dense", "share", "state bytes"}}
	for i := range r.Layers {
		rows = append(rows, r.Layers[i].cells())
	}
	rows = append(rows, []string{"all", "", "", "", average(r.MACs), grouped(r.DenseMACs), share(r.MACs, r.DenseMACs), grouped(r.StateBytes)})
	b.WriteString(columns(rows))
	fmt.Fprintf(&b, "\n  frames  %s, %s frames/s on %s\n", grouped(r.Frames), rate(r.FramesPerS), r.Device)
	fmt.Fprintf(&b, "  work    %s multiply-adds in the first frame", grouped(r.FirstMACs))
	if r.Frames > 1 {
		fmt.Fprintf(&b, ", %s (%s) in each behind it on average", average(r.LaterMACs), share(r.LaterMACs, r.DenseMACs))
	}
	b.WriteByte('\n')
	if r.Expected != nil {
		fmt.Fprintf(&b, "  expect  %v\n", r.Expected)
	}
	return b.String()
}

// maxShownOutputs is how many outputs of a frame are printed.
const maxShownOutputs = 16

// cells are a layer's row: multiply-adds of what has weights, what was sent by others.
func (l *runLayer) cells() []string {
	row := []string{l.Layer, grouped(l.Neurons), "", "", "", "", "", grouped(l.StateBytes)}
	if l.Sent > 0 || l.Zeros > 0 {
		row[2], row[3] = average(l.Sent), percent(l.Density)
	}
	if l.DenseMACs > 0 {
		row[4], row[5], row[6] = average(l.MACs), grouped(l.DenseMACs), share(l.MACs, l.DenseMACs)
	}
	return row
}

func share(done float64, dense uint64) string { return percent(done / float64(max(dense, 1))) }

// average writes a number of things in a frame.
func average(v float64) string {
	if v == math.Trunc(v) || v >= 1000 {
		return grouped(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.1f", v)
}
