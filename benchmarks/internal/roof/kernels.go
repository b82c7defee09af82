package roof

import "github.com/saccade-dev/saccade/hw"

// Sizes of what memory holds, in bytes.
const (
	cellBytes   = 4 // a stamp
	valueBytes  = 2 // an element of a context, or its match weight
	masterBytes = 4
	sumBytes    = 4 // a dot product, or the sum of an output
	deltaBytes  = 8
)

// Context is the work of [hw.Kernels.Context] on a surface of that many cells: it
// loads the patch's cells and stores their values. A value takes four products of
// int16 and one of int32 ([hw.Decay.ValueOfUnits]), and its square a multiply-add. As
// the patch lies elsewhere in each call, the cells come from the whole surface.
func Context(elements, cells int) Work {
	n := float64(elements)
	w := Work{
		Loads:  Traffic{n * cellBytes, cells * cellBytes},
		Stores: Traffic{n * valueBytes, elements * valueBytes},
	}
	w.Products[MulAdd16], w.Products[Mul16], w.Products[Mul32] = n, 4*n, n
	return w
}

// Match is the work of [hw.Kernels.Match], which takes [hw.Batch] contexts a call: it
// loads the weights once for all of them, and the contexts, both with the zeros that
// fill up their rows, as these fill up the cache lines; it stores the dot products. It
// adds one product for each element of each neuron and context, none for the zeros.
func Match(neurons, elements int) Work {
	return match(hw.Batch, neurons, elements)
}

// MatchOne is what a match of one context at a time would have to do.
func MatchOne(neurons, elements int) Work {
	return match(1, neurons, elements)
}

func match(batch, neurons, elements int) Work {
	row := hw.ContextLen(elements) * valueBytes
	weights, contexts, dots := hw.NeuronRows(neurons)*row, batch*row, batch*neurons*sumBytes
	w := Work{
		Loads:  Traffic{float64(weights + contexts), weights + contexts},
		Stores: Traffic{float64(dots), dots},
	}
	w.Products[MulAdd16] = float64(batch * neurons * elements)
	return w
}

// Learn is the work of [hw.Kernels.Learn] where each call has another of the neurons:
// it loads the master weights, of which it could round the match weights, and the
// context; it stores the master and the match weights. Of an element, bringing the
// context to length one is a product of int16; the step towards the context, the one
// back to length one and the square are multiply-adds.
func Learn(neurons, elements int) Work {
	row := hw.ContextLen(elements)
	n := float64(elements)
	w := Work{
		Loads:  Traffic{float64(row * (masterBytes + valueBytes)), row * (neurons*masterBytes + valueBytes)},
		Stores: Traffic{float64(row * (masterBytes + valueBytes)), neurons * row * (masterBytes + valueBytes)},
	}
	w.Products[MulAdd16], w.Products[Mul16] = 3*n, n
	return w
}

// Event is the least time of [hw.Kernels.Run] for an event that takes part, on average:
// a context, its share of a match, and a learning step for the share of the events that
// are learned from. The context's cells count as near, since the events before were
// beside them. What finding the winner costs, the thresholds, and bringing a batch's dot
// products up to date where its neurons learn are not counted: nothing excuses them.
func (u *Unit) Event(neurons, elements int, learned float64) Bound {
	return u.Bound(Context(elements, elements)).
		Plus(1./hw.Batch, u.Bound(Match(neurons, elements))).
		Plus(learned, u.Bound(Learn(neurons, elements)))
}

// Columns is the work of [hw.DeltaKernels]' Columns8 and Columns16, by the bytes of a
// weight, on a layer where any of the inputs may have changed: it loads the deltas, a
// column of weights for each, and the sums, and stores the sums. The products are
// counted as multiply-adds of int16, which the values fit where they are activations.
func Columns(inputs, outputs, deltas, weightBytes int) Work {
	sums := outputs * sumBytes
	list := deltas * deltaBytes
	w := Work{
		Loads:  Traffic{float64(deltas*outputs*weightBytes + sums + list), inputs*outputs*weightBytes + sums + list},
		Stores: Traffic{float64(sums), sums},
	}
	w.Products[MulAdd16] = float64(deltas * outputs)
	return w
}
