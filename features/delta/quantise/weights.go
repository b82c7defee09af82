package quantise

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// weights rounds the weights and biases of a layer.
func (q *quantiser) weights(n *topology.Node, p *delta.Params, l Layer, in tensor, shared bool) (tensor, error) {
	fan := n.FanIn()
	folded := make([]float64, len(l.Weights))
	for i, w := range l.Weights {
		folded[i] = w * at(in.unit, inputChannel(n, i), n.In.Channels)
	}
	out := tensor{unit: make([]float64, n.Out.Channels)}
	for o := range out.unit {
		unit, err := sumUnit(folded[o*fan:][:fan], bias(l, o), in.most, float64(n.Weights.Largest()))
		if err != nil {
			return out, fmt.Errorf("output %d: %w", o, err)
		}
		out.unit[o] = unit
	}
	largest := slices.Max(out.unit)
	if largest == 0 {
		largest = 1 // nothing comes of the layer whatever the unit
	}
	for o, u := range out.unit {
		if shared || u == 0 {
			out.unit[o] = largest
		}
	}
	rounded := Layer{Weights: make([]float64, len(folded))}
	for i, w := range folded {
		unit := out.unit[i/fan]
		v := math.Round(w / unit)
		rounded.Weights[i] = v * unit / at(in.unit, inputChannel(n, i), n.In.Channels)
		if n.Weights == topology.Int16 {
			p.Weights16 = append(p.Weights16, int16(v))
		} else {
			p.Weights8 = append(p.Weights8, int8(v))
		}
	}
	for o, b := range l.Bias {
		v := math.Round(b / out.unit[o])
		rounded.Bias = append(rounded.Bias, v*out.unit[o])
		p.Bias = append(p.Bias, int32(v))
	}
	q.rounded.Layers[n.Name] = rounded
	for o := range out.unit {
		sum := math.Abs(bias(rounded, o)) / out.unit[o]
		for _, w := range folded[o*fan:][:fan] {
			sum += math.Abs(math.Round(w/out.unit[o])) * in.most
		}
		out.most = max(out.most, sum)
	}
	if shared {
		out.unit = out.unit[:1]
	}
	return out, nil
}

// inputChannel is that which a weight is multiplied with.
func inputChannel(n *topology.Node, weight int) int {
	fan := n.FanIn()
	if n.Kind == topology.Linear {
		return weight % fan
	}
	inputs, outputs := n.In.Channels/n.Groups, n.Out.Channels/n.Groups
	return weight/fan/outputs*inputs + weight%fan/(n.Kernel[0]*n.Kernel[1])
}

// sumUnit is the unit of an output's sums: the smallest in which its weights fit their
// format and its sums 32 bits; 0 where all are zero.
func sumUnit(weights []float64, bias, most, largest float64) (float64, error) {
	unit, sum := 0.0, math.Abs(bias)
	for _, w := range weights {
		unit = max(unit, math.Abs(w)/largest)
		sum += math.Abs(w) * most
	}
	// Rounding can make each weight half a unit larger, and the bias.
	room := math.MaxInt32 - 1 - float64(len(weights))*most/2
	if room < math.MaxInt32/2 {
		return 0, fmt.Errorf("%d inputs of up to %v levels: expected few enough for sums of 32 bits", len(weights), most)
	}
	unit = max(unit, sum/room)
	if unit > 0 && unit < math.SmallestNonzeroFloat64*(1<<60) || math.IsInf(unit, 1) {
		return 0, fmt.Errorf("weights up to %v: expected numbers that are neither as small nor as large", unit*largest)
	}
	return unit, nil
}
