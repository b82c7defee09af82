package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// levels are what an input's numbers are worth: MIN:MAX:SCALE.
type levels struct{ onnx.Input }

func (l *levels) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), ":")
	if len(parts) == 3 {
		least, lerr := strconv.Atoi(parts[0])
		most, merr := strconv.Atoi(parts[1])
		scale, serr := quotient(parts[2])
		if lerr == nil && merr == nil && serr == nil {
			l.Input = onnx.Input{Min: least, Max: most, Scale: scale}
			return nil
		}
	}
	return fmt.Errorf("expected MIN:MAX:SCALE, whole numbers and what a level is worth, such as 0:255:1/255, found %q", text)
}

// quotient reads a number above 0, or one divided by another.
func quotient(text string) (float64, error) {
	above, below, divided := strings.Cut(text, "/")
	v, err := strconv.ParseFloat(above, 64)
	if divided && err == nil {
		var d float64
		d, err = strconv.ParseFloat(below, 64)
		v /= d
	}
	if err == nil && !(v > 0 && v <= 1e30) {
		err = errors.New("out of range")
	}
	return v, err
}

// onnxFlags say what an ONNX file does not, and a topology file does.
type onnxFlags struct {
	Input     levels `help:"What the numbers of a frame are: the least and the most level, and what one is worth to the network, such as 0:255:1/255." placeholder:"MIN:MAX:SCALE"`
	Deltas    string `help:"Where delta activations are put. relu: behind each ReLU; everywhere: besides, in front of each layer with weights that would take sums." enum:"relu,everywhere" placeholder:"WHERE" default:"relu"`
	Step      string `help:"Who shares a step of a delta activation." enum:"layer,channel,neuron" placeholder:"WHO" default:"layer"`
	Levels    int    `help:"Levels of a delta activation on either side of zero." placeholder:"N" default:"127"`
	Threshold int    `help:"Send a change when it is more than N steps away from what was last sent. 0: send every change." placeholder:"N" default:"0"`
	Weights   string `help:"Format of weights." enum:"int8,int16" placeholder:"FORMAT" default:"int8"`
	Logits    bool   `help:"Leave out a Softmax, LogSoftmax or Sigmoid at the end: it changes no decision."`
}

// names are those of the flags.
func (onnxFlags) names() []string {
	return []string{"input", "deltas", "step", "levels", "threshold", "weights", "logits"}
}

// options checks the flags.
func (f *onnxFlags) options(g given, writes bool) (onnx.Options, error) {
	o := onnx.Options{
		Input: f.Input.Input, Step: topology.Per(f.Step), Levels: f.Levels, Threshold: f.Threshold,
		Weights: topology.Format(f.Weights), Logits: f.Logits,
	}
	if f.Deltas == "everywhere" {
		o.Deltas = onnx.Everywhere
	}
	switch {
	case f.Levels < 1 || f.Levels > topology.MaxLevels:
		return o, usageError{fmt.Errorf("--levels: expected 1 to %d, found %d", topology.MaxLevels, f.Levels)}
	case f.Threshold < 0 || f.Threshold > f.Levels:
		return o, usageError{fmt.Errorf("--threshold: expected 0 to the %d levels, found %d", f.Levels, f.Threshold)}
	case !g["input"] && writes:
		return o, usageError{errors.New("expected --input=MIN:MAX:SCALE: an ONNX file does not say what the numbers of a frame are")}
	case !g["input"]:
		o.Input = onnx.Input{Max: 1, Scale: 1} // the table has no use for them
	case o.Input.Min > 0 || o.Input.Min < -topology.MaxLevels || o.Input.Max < 1 || o.Input.Max > topology.MaxLevels:
		return o, usageError{fmt.Errorf("--input: expected levels from %d to 0 and from 1 to %d, found %d and %d", -topology.MaxLevels, topology.MaxLevels, o.Input.Min, o.Input.Max)}
	}
	return o, nil
}
