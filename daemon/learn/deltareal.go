package learn

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// RealParams gives real numbers that an integer network stands for, to train it further: [quantise.Reference]
// says of them what the network says, but for what float64 rounds and for the multipliers of additions.
//
// Where the network says what units of its sums are worth, as those do that were trained or imported here, these are the
// numbers that training had, as rounded. An older file does not say it of hidden layers, and there it
// makes no difference to what the network gives, as every layer behind takes it out of its weights again: it is
// then chosen such that the steps of a layer are all the same, and weights are as large as those
// that a training begins with, of a variance of 2 over what an output sums up. That is ours.
//
// What depends on those units cannot be told without them: such a network with an add, a topk or a cut is an
// error that names the layer.
func RealParams(n *delta.Network) (*quantise.Params, error) {
	g := n.Graph()
	p := &quantise.Params{Input: n.Scales().Input, Layers: map[string]quantise.Layer{}}
	units := make([][]float64, len(g.Nodes)) // of values: one for all, for each channel, or for each value
	units[0] = []float64{p.Input}
	sums := n.Scales().Sums
	for i := 1; i < len(g.Nodes); i++ {
		node, own := &g.Nodes[i], n.Params(i-1)
		in := units[node.From]
		switch node.Kind {
		case topology.Add, topology.TopK, topology.Cut:
			if n.Scales().Sums == nil {
				return nil, fmt.Errorf("layer %s: expected, of a network with a layer of type %s, a file that says what sums are worth: this one is older or was made elsewhere, so that it cannot be refined: train or import it anew", node.Name, node.Kind)
			}
			units[i] = in
			if node.Kind == topology.Add {
				units[i] = sumOf(own.Multiply, in, units[node.With])
			}
			if node.Kind == topology.Cut {
				p.Layers[node.Name] = quantise.Layer{Bound: realBound(own.Bound, in)}
			}
		case topology.Linear, topology.Conv2D:
			if sums != nil {
				units[i] = spread(sums[0], node.Out.Channels)
				sums = sums[1:]
			} else {
				var known bool
				if units[i], known = sumUnits(n, i); !known {
					asTrainingBegins(node, own, in, units[i])
				}
			}
			p.Layers[node.Name] = realWeights(node, own, in, units[i])
		case topology.Delta, topology.Threshold:
			steps := make([]float64, node.Step.Of(node.Out))
			values := node.Out.Len()
			for k := range steps {
				at := k * values / len(steps)
				steps[k] = one(in, at, values) / one(own.Requant, at, values).Ratio()
			}
			p.Layers[node.Name] = quantise.Layer{Steps: steps}
			units[i] = steps
		case topology.AvgPool:
			units[i] = slices.Clone(in)
			for k := range in {
				units[i][k] /= float64(node.Kernel[0] * node.Kernel[1])
			}
		case topology.Flatten:
			units[i] = in
			if len(in) > 1 {
				units[i] = make([]float64, node.Out.Len())
				for k := range units[i] {
					units[i][k] = one(in, k, len(units[i]))
				}
			}
		default:
			units[i] = in
		}
	}
	return p, p.Validate(n.Topology())
}

// one is the number that a value has, of which there are one for all, one for each
// channel, or one for each value, [channel][row][column].
func one[T any](numbers []T, i, values int) T { return numbers[i*len(numbers)/values] }

// spread gives every channel its number, of which there are one for all or one for each.
func spread(numbers []float64, channels int) []float64 {
	out := make([]float64, channels)
	for o := range out {
		out[o] = one(numbers, o, channels)
	}
	return out
}

// sumOf is the unit of an addition's values, by channel: that of the finer side divided by its multiplier,
// which is a power of two, while the other's is rounded.
func sumOf(multiply [2][]int32, a, b []float64) []float64 {
	channels := max(len(multiply[0]), len(multiply[1]), len(a), len(b))
	out := make([]float64, channels)
	for c := range out {
		fine, by := one(a, c, channels), one(multiply[0], c, channels)
		if other := one(b, c, channels); other < fine {
			fine, by = other, one(multiply[1], c, channels)
		}
		out[c] = fine / float64(by)
	}
	return out
}

// realBound is a bound that the integers of a cut stand for, in every unit of its values: the largest of which
// |v| < bound says the same.
func realBound(bound []int32, unit []float64) float64 {
	out := math.Inf(1)
	count := max(len(bound), len(unit))
	for i := range count {
		out = min(out, float64(one(bound, i, count))*one(unit, i, count))
	}
	return out
}

// sumUnits are those of a layer's sums, one for each channel, where they are the network's output, and
// then they are known; elsewhere they are what makes all steps behind them the same, and known but for a factor.
func sumUnits(n *delta.Network, node int) (unit []float64, known bool) {
	g := n.Graph()
	unit = make([]float64, g.Nodes[node].Out.Channels)
	fill := func(factor float64, values int, of func(value int) float64) []float64 {
		for o := range unit {
			unit[o] = factor * of(o*values/len(unit))
		}
		return unit
	}
	area := 1.0
	for at := node; at < len(g.Nodes)-1; {
		at = g.Nodes[at].Takers[0]
		next := &g.Nodes[at]
		switch {
		case next.Kind.Weighted():
			return fill(1, 1, func(int) float64 { return 1 }), false
		case next.Kind.Quantises():
			values, r := next.Out.Len(), n.Params(at-1).Requant
			return fill(area, values, func(v int) float64 { return one(r, v, values).Ratio() }), false
		case next.Kind == topology.AvgPool:
			area *= float64(next.Kernel[0] * next.Kernel[1])
		}
	}
	values, output := g.Last().Out.Len(), n.Scales().Output
	return fill(area, values, func(v int) float64 { return one(output, v, values) }), true
}

// asTrainingBegins multiplies units by what gives a layer's weights the variance that a training begins with.
func asTrainingBegins(node *topology.Node, own *delta.Params, in, unit []float64) {
	sum, fan := 0.0, node.FanIn()
	for _, w := range realWeights(node, own, in, unit).Weights {
		sum += w * w
	}
	if sum == 0 {
		return // weights of zero are worth nothing, in any unit
	}
	factor := math.Sqrt(2 / float64(fan) * float64(node.WeightsLen()) / sum)
	for o := range unit {
		unit[o] *= factor
	}
}

// realWeights takes the units of the inputs out of weights that give sums in units.
func realWeights(node *topology.Node, own *delta.Params, in, unit []float64) quantise.Layer {
	l := quantise.Layer{Weights: make([]float64, node.WeightsLen())}
	fan := node.FanIn()
	for i := range l.Weights {
		var w float64
		if node.Weights == topology.Int16 {
			w = float64(own.Weights16[i])
		} else {
			w = float64(own.Weights8[i])
		}
		l.Weights[i] = w * unit[i/fan] / one(in, inputChannel(node, i), node.In.Channels)
	}
	for o, b := range own.Bias {
		l.Bias = append(l.Bias, float64(b)*unit[o])
	}
	return l
}

// inputChannel is that which a weight is multiplied with; of a linear layer, every value is one.
func inputChannel(node *topology.Node, weight int) int {
	fan := node.FanIn()
	if node.Kind == topology.Linear {
		return weight % fan
	}
	inputs, outputs := node.In.Channels/node.Groups, node.Out.Channels/node.Groups
	return weight/fan/outputs*inputs + weight%fan/(node.Kernel[0]*node.Kernel[1])
}
