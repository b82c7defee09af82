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
	if err := withoutWeights(out.unit, l, shared, float64(n.Weights.Largest())); err != nil {
		return out, err
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

// withoutWeights gives outputs whose weights are all zero, as those of pruned networks are,
// a unit: the layer's largest, so that their bias is as fine as the others' sums, or, where no
// output has weights, that in which the largest bias is the largest of the format. Outputs that share
// a unit all get the largest.
func withoutWeights(unit []float64, l Layer, shared bool, largest float64) error {
	most := slices.Max(unit)
	if most == 0 {
		for o := range unit {
			most = max(most, math.Abs(bias(l, o))/largest)
		}
		if most == 0 {
			most = 1 // nothing comes of the layer whatever the unit
		}
	}
	for o := range unit {
		// A bias of its own may be much larger than sums of others.
		if need := math.Abs(bias(l, o)) / (math.MaxInt32 / 2); unit[o] == 0 && need > most {
			if shared {
				most = need
				continue
			}
			unit[o] = need
		}
	}
	for o, u := range unit {
		if shared || u == 0 {
			unit[o] = most
		}
	}
	return checkUnit(most, largest)
}

// sumUnit is the unit of an output's sums: the smallest in which its weights fit their
// format and its sums 32 bits; 0 where all weights are zero.
func sumUnit(weights []float64, bias, most, largest float64) (float64, error) {
	unit, sum := 0.0, math.Abs(bias)
	for _, w := range weights {
		unit = max(unit, math.Abs(w)/largest)
		sum += math.Abs(w) * most
	}
	if unit == 0 {
		return 0, nil
	}
	// Rounding can make each weight half a unit larger, and the bias.
	room := math.MaxInt32 - 1 - float64(len(weights))*most/2
	if room < math.MaxInt32/2 {
		return 0, fmt.Errorf("%d inputs of up to %v levels: expected few enough for sums of 32 bits", len(weights), most)
	}
	unit = max(unit, sum/room)
	return unit, checkUnit(unit, largest)
}

func checkUnit(unit, largest float64) error {
	if unit < math.SmallestNonzeroFloat64*(1<<60) || math.IsInf(unit, 1) {
		return fmt.Errorf("weights up to %v: expected numbers that are neither as small nor as large", unit*largest)
	}
	return nil
}
