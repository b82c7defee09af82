package lava

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/window"
	"github.com/saccade-dev/saccade/hw"
)

// layer is a convolution or a linear layer with what is behind it. Values are
// [row][column][channel].
type layer struct {
	sender
	sigma []int32
	bias  []int32 // of each channel, shifted; nil for none

	// sums are what the inputs of the step before give, for the sigma of this one.
	sums    []int32
	pending bool

	flat  []int32 // where a flatten puts each of the inputs; nil where there is none
	order []int32 // where each value is in [channel][row][column]
	list  []hw.Delta
	add   func(list []hw.Delta) (macs int)
	conv  bool

	counters Counters
	raw      []byte // weights, for the fingerprint
}

func newLayer(n, flat *topology.Node, arrays npz.Archive, k *hw.DeltaKernels) (*layer, error) {
	l := &layer{
		sigma: make([]int32, n.Out.Len()), sums: make([]int32, n.Out.Len()), conv: n.Kind == topology.Conv2D,
		order: window.Outside(n.Out.Channels, n.Out.Height*n.Out.Width), list: make([]hw.Delta, 0, n.In.Len()),
		counters: Counters{Layer: n.Name, Neurons: n.Out.Len(), DenseMACs: uint64(n.DenseMACs()), StateBytes: 2 * valueBytes * n.Out.Len()},
	}
	if l.order == nil {
		for i := range n.Out.Len() {
			l.order = append(l.order, int32(i))
		}
	}
	if flat != nil {
		l.flat = window.Outside(flat.In.Channels, flat.In.Height*flat.In.Width)
	}
	shape := []int{n.Out.Channels, n.In.Channels}
	if l.conv {
		shape = []int{n.Out.Channels, n.In.Channels / n.Groups, n.Kernel[0], n.Kernel[1]}
	}
	name := n.Name + ".weight"
	array, err := arrays.Get(name, shape...)
	if err != nil {
		return nil, err
	}
	weights, err := bytes8(array, name)
	if err != nil {
		return nil, err
	}
	for _, w := range weights {
		l.raw = append(l.raw, byte(w))
	}
	if !n.NoBias {
		if err := l.readBias(n, arrays); err != nil {
			return nil, err
		}
	}
	if l.conv {
		l.convolve(n, window.Kernels(weights, n.In.Channels, n.Out.Channels, n.Groups, n.Kernel[0]*n.Kernel[1]), k)
	} else {
		columns := window.Columns(weights, n.In.Channels, n.Out.Channels)
		l.add = func(list []hw.Delta) int {
			k.Columns8(l.sums, columns, len(l.sums), list)
			return len(list) * len(l.sums)
		}
	}
	return l, nil
}

func (l *layer) convolve(n *topology.Node, weights []int8, k *hw.DeltaKernels) {
	taps := window.NewConv(&n.Window, n.In.Width, n.In.Channels, n.Out.Channels, n.Groups)
	channels := taps.Channels()
	run := func(list []hw.Tap) { k.Taps8(l.sums, weights, channels, list) }
	l.add = func(list []hw.Delta) int { return taps.Each(list, run) * channels }
}

func (l *layer) readBias(n *topology.Node, arrays npz.Archive) error {
	name := n.Name + ".bias"
	array, err := arrays.Get(name, n.Out.Channels)
	if err != nil {
		return err
	}
	values, err := array.Ints(math.MinInt32>>inputShift, math.MaxInt32>>inputShift)
	if err != nil {
		return fmt.Errorf("array %s: %w", name, err)
	}
	for _, v := range values {
		l.bias = append(l.bias, int32(v)<<inputShift)
	}
	return nil
}

// step adds what came in a step before, sends what has changed by it, and keeps what
// the changes of this step give for the next.
func (l *layer) step(in []hw.Delta) []hw.Delta {
	if l.pending {
		for i, v := range l.sums {
			if l.conv {
				v = wrap(v)
			}
			l.sigma[i] += v
		}
		clear(l.sums)
		l.pending = false
	}
	l.begin()
	if l.sent != nil {
		l.offerAll()
	}
	if l.flat != nil {
		l.list = l.list[:0]
		for _, d := range in {
			l.list = append(l.list, hw.Delta{Index: l.flat[d.Index], Value: d.Value})
		}
		in = l.list
	}
	l.counters.MACs = 0
	if len(in) > 0 {
		l.counters.MACs = uint64(l.add(in))
		l.pending = true
	}
	l.counters.TotalMACs += l.counters.MACs
	l.counters.send(len(l.changes))
	return l.changes
}

// offerAll rectifies all values and offers them to the delta.
func (l *layer) offerAll() {
	channel := 0
	for i, a := range l.sigma {
		if l.bias != nil {
			a += l.bias[channel]
			if channel++; channel == len(l.bias) {
				channel = 0
			}
		}
		l.offer(i, max(a, 0))
	}
}
