package command

import (
	"fmt"
	"math"
	"strings"
)

// runResult is what `run --json` prints. Numbers of multiply-adds and of what was sent
// are those of a step on average, the first one with its network at zero among them.
type runResult struct {
	Net        string      `json:"net"`
	Frames     int         `json:"frames"` // steps: every frame as often as it is held
	Held       int         `json:"held"`
	Device     string      `json:"device"`
	Mode       string      `json:"mode"`
	Delay      int         `json:"delay,omitempty"` // steps from the input to the output, of a pipelined network
	Labels     []int       `json:"labels"`
	Outputs    [][]float64 `json:"outputs"`
	StepMACs   []uint64    `json:"step_macs"`
	Layers     []runLayer  `json:"layers"`
	MACs       float64     `json:"macs"`
	FirstMACs  uint64      `json:"first_macs"` // of the first step
	LaterMACs  float64     `json:"later_macs"` // of a step behind it
	DenseMACs  uint64      `json:"dense_macs"`
	StateBytes int         `json:"state_bytes"`
	FramesPerS float64     `json:"frames_per_s"`
	Engine     *runEngine  `json:"delta_engine,omitempty"` // of the device, where it has layers
	Expected   any         `json:"expected,omitempty"`

	done, all uint64 // steps, and their multiply-adds
}

// runLayer is a layer of it. A layer that passes on values, and no changes, has neither sent
// nor what follows from it.
type runLayer struct {
	Layer      string   `json:"layer"`
	Neurons    int      `json:"neurons"`
	MACs       float64  `json:"macs"`
	DenseMACs  uint64   `json:"dense_macs"`
	DenseSteps uint64   `json:"dense_steps"` // steps in which multiplying everything was less work
	Sent       *float64 `json:"sent,omitempty"`
	Density    *float64 `json:"density,omitempty"` // sent, of all values
	Zeros      *float64 `json:"zeros,omitempty"`   // share of the values
	StateBytes int      `json:"state_bytes"`
}

func newRunLayer(name string, neurons int, total, dense uint64, state int, steps uint64) runLayer {
	return runLayer{Layer: name, Neurons: neurons, MACs: float64(total) / float64(max(steps, 1)), DenseMACs: dense, StateBytes: state}
}

// sent notes the changes that a layer passed on.
func (l *runLayer) sent(total, steps uint64) {
	sent := float64(total) / float64(max(steps, 1))
	density := sent / float64(max(l.Neurons, 1))
	l.Sent, l.Density = &sent, &density
}

// add counts the multiply-adds of a step.
func (r *runResult) add(macs uint64) {
	if r.done++; r.done == 1 {
		r.FirstMACs = macs
	}
	r.all += macs
}

// finish takes the averages of the steps, and the sums of the layers.
func (r *runResult) finish() {
	for i := range r.Layers {
		r.DenseMACs += r.Layers[i].DenseMACs
		r.StateBytes += r.Layers[i].StateBytes
	}
	r.MACs = float64(r.all) / float64(max(r.done, 1))
	if r.done > 1 {
		r.LaterMACs = float64(r.all-r.FirstMACs) / float64(r.done-1)
	}
}

// text writes the first outputs, and what the layers did.
func (r *runResult) text(show int) string {
	var b strings.Builder
	show = min(show, r.Frames)
	if r.Delay > 0 {
		b.WriteString(r.pipelined(show))
	} else {
		for k := range r.Outputs[:show] {
			fmt.Fprintf(&b, "  frame %d ", k)
			if len(r.Outputs[k]) > 1 {
				fmt.Fprintf(&b, " label %d ", r.Labels[k])
			}
			b.WriteString(r.outputs(k, "%.5g") + "\n")
		}
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
	fmt.Fprintf(&b, "  work    %s multiply-adds in the first step", grouped(r.FirstMACs))
	if r.Frames > 1 {
		fmt.Fprintf(&b, ", %s (%s) in each behind it on average", average(r.LaterMACs), share(r.LaterMACs, r.DenseMACs))
	}
	b.WriteByte('\n')
	if r.Engine != nil {
		b.WriteString(r.Engine.text())
	}
	if r.Delay > 0 {
		fmt.Fprintf(&b, "  delay   %s from the input to the output\n", plural(r.Delay, "step"))
	}
	if r.Expected != nil {
		fmt.Fprintf(&b, "  expect  %v\n", r.Expected)
	}
	return b.String()
}

// pipelined lists steps with their work, which differs while values are on their way.
func (r *runResult) pipelined(show int) string {
	if show == 0 {
		return ""
	}
	rows := [][]string{{"step", "multiply-adds", "of dense", "output"}}
	for k := range r.Outputs[:show] {
		rows = append(rows, []string{fmt.Sprint(k), grouped(r.StepMACs[k]), share(float64(r.StepMACs[k]), r.DenseMACs), strings.TrimSpace(r.outputs(k, "%.0f"))})
	}
	return columns(rows)
}

// maxShownOutputs is how many outputs of a step are printed.
const maxShownOutputs = 16

// outputs writes those of a step, each with a blank in front.
func (r *runResult) outputs(k int, format string) string {
	var b strings.Builder
	for i, v := range r.Outputs[k] {
		if i == maxShownOutputs {
			fmt.Fprintf(&b, " and %d more", len(r.Outputs[k])-i)
			break
		}
		fmt.Fprintf(&b, " "+format, v)
	}
	return b.String()
}

// cells are a layer's row: multiply-adds of what has weights, what was sent by what
// passes on changes.
func (l *runLayer) cells() []string {
	row := []string{l.Layer, grouped(l.Neurons), "", "", "", "", "", grouped(l.StateBytes)}
	if l.Sent != nil {
		row[2], row[3] = average(*l.Sent), percent(*l.Density)
	}
	if l.DenseMACs > 0 {
		row[4], row[5], row[6] = average(l.MACs), grouped(l.DenseMACs), share(l.MACs, l.DenseMACs)
	}
	return row
}

func share(done float64, dense uint64) string { return percent(done / float64(max(dense, 1))) }

// average writes a number of things in a step.
func average(v float64) string {
	if v == math.Trunc(v) || v >= 1000 {
		return grouped(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.1f", v)
}
