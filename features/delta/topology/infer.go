package topology

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/features/delta/window"
)

// infer fills in the output's shape of a node whose input is known.
func (n *Node) infer(i int, g *Graph) *Error {
	switch n.Kind {
	case Linear:
		if !n.In.Flat() {
			return fail(i, "", "a flat input: a flatten layer before it", n.In.String())
		}
		n.Out, n.Per = Shape{n.Layer.Out, 1, 1}, PerChannel
		return n.checkWeights(i)
	case Conv2D, AvgPool, MaxPool:
		return n.inferWindow(i)
	case ReLU, Sigma, Cut:
		return nil
	case TopK:
		return n.checkTopK(i)
	case Flatten:
		n.Out = Shape{n.In.Len(), 1, 1}
		if n.Per == PerNeuron {
			n.Per = PerChannel // of which each neuron is one now
		}
		if n.Out.Channels > MaxOut {
			return fail(i, "", fmt.Sprintf("at most %d neurons", MaxOut), strconv.Itoa(n.Out.Channels))
		}
		return nil
	case Add:
		other := &g.Nodes[n.With]
		if other.Out != n.In {
			return fail(i, "with", "the shape of the other input, "+n.In.String(), fmt.Sprintf("%s of %s", other.Out, other.Name))
		}
		if n.Per = finer(n.Per, other.Per); n.Per == PerNeuron {
			return fail(i, "", "inputs whose values share a step, at least in a channel", "a step for each neuron, which cannot be brought to one unit")
		}
		return nil
	case Delta, Threshold:
		return n.inferQuantised(i)
	default:
		return fail(i, "type", "one of "+kindNames(), strconv.Quote(short(string(n.Kind))))
	}
}

func (n *Node) inferQuantised(i int) *Error {
	switch {
	case n.Step != PerLayer && n.Step != PerChannel && n.Step != PerNeuron:
		return fail(i, "step", "layer, channel or neuron", strconv.Quote(short(string(n.Step))))
	case n.Levels < 1 || n.Levels > MaxLevels:
		return fail(i, "levels", fmt.Sprintf("1 to %d", MaxLevels), strconv.Itoa(n.Levels))
	case n.Kind == Threshold && n.Levels == 1:
		return fail(i, "levels", "2 or more, as a value is sent when it is more than threshold steps away", "1")
	case n.Kind == Threshold && (n.Threshold < 1 || n.Threshold >= n.Levels):
		// From 0, where it begins, a value could otherwise never get far enough to be sent.
		return fail(i, "threshold", fmt.Sprintf("1 to %d, fewer than the levels", n.Levels-1), strconv.Itoa(n.Threshold))
	}
	n.Per = n.Step
	if n.Out.Flat() && n.Per == PerNeuron {
		n.Per = PerChannel
	}
	return nil
}

func (n *Node) checkTopK(i int) *Error {
	switch {
	case n.K == 0 && n.Share == 0:
		return fail(i, "", "k or share", "neither")
	case n.K != 0 && n.Share != 0:
		return fail(i, "share", "k or share", "both")
	case n.Share == 0 && (n.K < 1 || n.K > n.Out.Len()):
		return fail(i, "k", fmt.Sprintf("1 to the %d values of its input", n.Out.Len()), strconv.Itoa(n.K))
	case n.K == 0 && !(n.Share >= MinShare && n.Share <= 1):
		return fail(i, "share", fmt.Sprintf("a number from %s to 1", number(MinShare)), number(n.Share))
	}
	return nil
}

func (n *Node) checkWeights(i int) *Error {
	switch {
	case n.Layer.Out < 1 || n.Layer.Out > MaxOut:
		return fail(i, "out", fmt.Sprintf("1 to %d", MaxOut), strconv.Itoa(n.Layer.Out))
	case n.Weights != Int8 && n.Weights != Int16:
		return fail(i, "weights", "int8 or int16", strconv.Quote(short(string(n.Weights))))
	case n.WeightsLen() > MaxWeights:
		return fail(i, "", fmt.Sprintf("at most %d weights", MaxWeights), strconv.Itoa(n.WeightsLen()))
	}
	return nil
}

func (n *Node) inferWindow(i int) *Error {
	sides := [2]int{n.In.Height, n.In.Width}
	var out [2]int
	for a, axis := range []string{"height", "width"} {
		k, s, before, after := n.Kernel[a], n.Stride[a], n.Padding[a], n.Padding[a+2]
		// A pool may be as large as what it pools.
		most := MaxKernel
		if n.Kind != Conv2D {
			most = MaxSide
		}
		switch {
		case k < 1 || k > most:
			return fail(i, "kernel", fmt.Sprintf("a %s of 1 to %d", axis, most), strconv.Itoa(k))
		case s < 1 || s > MaxSide:
			return fail(i, "stride", fmt.Sprintf("1 to %d", MaxSide), strconv.Itoa(s))
		case before < 0 || before >= k || after < 0 || after >= k:
			return fail(i, "padding", fmt.Sprintf("less than the kernel's %s of %d", axis, k), strconv.Itoa(max(before, after)))
		case k > sides[a]+before+after:
			return fail(i, "kernel", fmt.Sprintf("a %s of at most %d, the padded input's", axis, sides[a]+before+after), strconv.Itoa(k))
		}
		out[a] = (sides[a]+before+after-k)/s + 1
		if out[a]*k > maxReach {
			return fail(i, "kernel", fmt.Sprintf("a %s that, times the output's, is at most %d", axis, maxReach), fmt.Sprintf("%d times %d", k, out[a]))
		}
	}
	if n.Per == PerNeuron {
		return fail(i, "", "an input whose values share a step, at least in a channel", "a step for each neuron, which one window cannot take together")
	}
	n.Out = Shape{n.In.Channels, out[0], out[1]}
	if n.Kind == Conv2D {
		n.Out.Channels, n.Per = n.Layer.Out, PerChannel
		if n.Groups < 1 || n.In.Channels%n.Groups != 0 || n.Layer.Out%n.Groups != 0 {
			return fail(i, "groups", fmt.Sprintf("a divisor of the %d channels of the input and of the %d of the output", n.In.Channels, n.Layer.Out), strconv.Itoa(n.Groups))
		}
		if e := n.checkWeights(i); e != nil {
			return e
		}
	}
	if n.Out.Len() > MaxNeurons {
		return fail(i, "", fmt.Sprintf("at most %d values", MaxNeurons), strconv.Itoa(n.Out.Len()))
	}
	n.Window = window.New(sides, n.Kernel, n.Stride, n.Padding)
	return nil
}

// String writes a shape as channels, height and width.
func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.Channels, s.Height, s.Width) }

// finer is that of two which shares less.
func finer(a, b Per) Per {
	order := []Per{PerLayer, PerChannel, PerNeuron}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
