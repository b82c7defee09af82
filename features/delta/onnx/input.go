package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// named lists the names of ports, the first ones.
func named(ports []port) string {
	text := ""
	for i, p := range ports[:min(len(ports), maxShown)] {
		text += []string{": ", ", "}[min(i, 1)] + short(p.name)
	}
	return text
}

// takeInput finds the input. Files of the first versions of the format list constants among the
// inputs too.
func (c *converter) takeInput() error {
	free := slices.DeleteFunc(slices.Clone(c.graph.inputs), func(p port) bool { return c.graph.constants[p.name] != nil })
	if len(free) != 1 {
		return fmt.Errorf("onnx: expected a graph of one input, found %d%s", len(free), named(free))
	}
	in := free[0]
	if in.name == "" {
		return errors.New("onnx: input: expected a name, found none")
	}
	if !in.tensor || len(in.dims) < 2 || len(in.dims) > 4 {
		return fmt.Errorf("onnx: input %s: expected a tensor of 2 to 4 axes, [batch channel row column], [batch row column] or [batch feature], found %d axes", short(in.name), len(in.dims))
	}
	c.batch, c.inputName = in.dims[0], in.name
	v := value{layer: topology.InputName, levels: true}
	for i, d := range in.dims[1:] {
		if d < 1 || d > topology.MaxOut {
			return fmt.Errorf("onnx: input %s: axis %d: expected a fixed size from 1 to %d (only the batch, axis 0, may be open), found %s", short(in.name), i+1, topology.MaxOut, size(d))
		}
		v.dims = append(v.dims, int(d))
	}
	if _, fits := lengthOf(v.dims); !fits {
		return fmt.Errorf("onnx: input %s: expected at most %d values in a frame, found sizes %v", short(in.name), topology.MaxNeurons, v.dims)
	}
	switch len(v.dims) {
	case 1:
		c.input = topology.Shape{Channels: v.dims[0], Height: 1, Width: 1}
	case 2:
		c.input = topology.Shape{Channels: 1, Height: v.dims[0], Width: v.dims[1]}
	default:
		c.input = topology.Shape{Channels: v.dims[0], Height: v.dims[1], Width: v.dims[2]}
	}
	c.values[in.name] = v
	return nil
}

func size(d int64) string {
	if d == -1 {
		return "an open one"
	}
	return fmt.Sprint(d)
}
