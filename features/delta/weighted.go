package delta

import (
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/window"
	"github.com/saccade-dev/saccade/hw"
)

// weighted is the base of layers with weights: their sums are biases and what the
// changes of the input have added to them since.
type weighted struct {
	sums
	in    *base
	bias  []int32
	fresh bool // before the first step, of which every sum is news
	form  *form
	// each is what multiplying one input takes, extra what the dense form takes besides:
	// looking at all inputs and putting the biases back. The unit is a look at an input.
	each, extra float64
	// sender is the stage whose changes the layer's multiply-adds are put down to.
	sender *base

	device *deviceLayer // that keeps the sums; nil where the kernels do
}

// form is how the weighted layers of an engine choose between adding what changed and
// multiplying what there is.
type form struct {
	mode   Mode
	look   float64    // multiply-adds that take as long as looking at an input
	inputs []hw.Delta // of a layer that multiplies what there is
	zeros  []int32    // to compare its inputs with
}

// grow makes room for the inputs of a layer.
func (f *form) grow(inputs int) {
	if inputs <= len(f.inputs) {
		return
	}
	f.inputs, f.zeros = make([]hw.Delta, inputs), make([]int32, inputs)
	for i := range f.inputs {
		f.inputs[i].Index = int32(i)
	}
}

func newWeighted(n *topology.Node, p *plan, in *base, f *form, k *hw.DeltaKernels) weighted {
	f.grow(n.In.Len())
	w := weighted{sums: newSums(n, k), in: in, bias: p.bias, fresh: true, form: f, sender: in}
	w.restart()
	w.counters.DenseMACs = uint64(n.DenseMACs())
	inputs := float64(n.In.Len())
	w.each = float64(n.DenseMACs()) / inputs / f.look
	if n.Kind == topology.Conv2D {
		w.each += tapMACs / f.look * float64(n.Window.Pairs()) / float64(n.In.Height*n.In.Width)
	}
	w.extra = inputs + float64(n.Out.Len())/8
	return w
}

// restart puts the biases into the sums.
func (w *weighted) restart() {
	if w.bias == nil {
		clear(w.out)
	} else {
		copy(w.out, w.bias)
	}
}

// choose gives what is to be multiplied and added to the sums. The result is the same
// either way, as sums are exact; what differs is the work. A layer's inputs that are
// not zero can be fewer than those that changed, as each of those that became zero, or
// is no longer, has changed too.
func (w *weighted) choose() (list []hw.Delta, dense bool) {
	changes := w.in.changes
	switch w.form.mode {
	case Auto:
		dense = float64(len(changes)-w.in.nonzero)*w.each > w.extra
	case AlwaysDense:
		dense = true
	}
	if w.fresh {
		w.fresh, w.all = false, true
	}
	if !dense {
		return changes, false
	}
	w.all = true
	w.counters.DenseSteps++
	w.restart()
	if list = w.form.inputs[:len(w.in.out)]; w.form.mode == AlwaysDense {
		for i, v := range w.in.out {
			list[i].Value = v
		}
		return list, true
	}
	zeros := w.form.zeros[:len(list)]
	n, _, _, _ := w.list(list, zeros, w.in.out, 0)
	clear(zeros)
	return list[:n], true
}

// multiplied counts multiply-adds done, and those that the changes stand for.
func (w *weighted) multiplied(done, changes int) {
	w.counters.MACs = uint64(done)
	w.counters.TotalMACs += uint64(done)
	w.sender.counters.FanOut += uint64(changes)
	w.sender.counters.TotalFanOut += uint64(changes)
}

// linear is a linear layer at work.
type linear[W int8 | int16] struct {
	weighted
	weights []W // [in][out]
	columns func(z []int32, weights []W, stride int, deltas []hw.Delta)
}

func (l *linear[W]) run() {
	if l.device != nil {
		l.runOnDevice()
		l.multiplied(len(l.in.changes)*len(l.out), len(l.in.changes)*len(l.out))
		l.finish()
		return
	}
	list, _ := l.choose()
	if len(list) > 0 {
		l.columns(l.out, l.weights, len(l.out), list)
		l.all = true
	}
	l.multiplied(len(list)*len(l.out), len(l.in.changes)*len(l.out))
	l.finish()
}

// conv is a convolution at work.
type conv[W int8 | int16] struct {
	weighted
	weights []W // [in][element of the kernel][out of a group]
	taps    *window.Conv
	add     func(taps []hw.Tap)
}

func newConv[W int8 | int16](w weighted, weights []W, kernel func([]int32, []W, int, []hw.Tap)) *conv[W] {
	n := w.node
	c := &conv[W]{
		weighted: w, weights: weights,
		taps: window.NewConv(&n.Window, n.In.Width, n.In.Channels, n.Out.Channels, n.Groups),
	}
	c.mark = c.taps.Touched
	channels := c.taps.Channels()
	c.add = func(taps []hw.Tap) { kernel(c.out, c.weights, channels, taps) }
	return c
}

func (c *conv[W]) run() {
	if c.device != nil {
		c.runOnDevice()
		done := c.taps.Count(c.in.changes) * c.taps.Channels()
		c.multiplied(done, done)
		c.finish()
		return
	}
	list, dense := c.choose()
	done := c.taps.Each(list, c.add)
	changes := done
	if dense {
		changes = c.taps.Count(c.in.changes)
	}
	c.multiplied(done*c.taps.Channels(), changes*c.taps.Channels())
	c.finish()
}
