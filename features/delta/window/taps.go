package window

import "github.com/saccade-dev/saccade/hw"

// Conv turns what changed in the input of a convolution into taps, as the kernels of
// targets take them.
type Conv struct {
	window  *Window
	width   int32 // of the input
	in, out int32 // channels
	inputs  int32 // channels of a group
	outputs int32
	tall    int32 // elements of the kernel along y
	wide    int32

	// Touched are the pixels of the output that sums have been added to; whoever looks at
	// them clears them.
	Touched []bool

	taps []hw.Tap
}

// maxTaps is how many taps are handed on at once: 12 KiB, which stay in the first
// cache.
const maxTaps = 1024

// NewConv is that of a convolution over an input so wide.
func NewConv(w *Window, width, in, out, groups int) *Conv {
	return &Conv{
		window: w, width: int32(width), in: int32(in), out: int32(out),
		inputs: int32(in / groups), outputs: int32(out / groups),
		tall: int32(w.Y.Kernel), wide: int32(w.X.Kernel),
		Touched: make([]bool, w.Y.Out*w.X.Out), taps: make([]hw.Tap, 0, maxTaps),
	}
}

// Channels are those of the output that a tap runs over.
func (c *Conv) Channels() int { return int(c.outputs) }

// Each hands the taps of a list of changes to run, some at a time, and tells how many
// they were. Channels of a pixel lie beside each other in a list, and are taken together
// for each output, so that its sums stay in registers.
func (c *Conv) Each(list []hw.Delta, run func(taps []hw.Tap)) (taken int) {
	for len(list) > 0 {
		pixel := list[0].Index / c.in
		first := pixel * c.in
		count := 1
		for count < len(list) && count < maxTaps && uint32(list[count].Index-first) < uint32(c.in) {
			count++
		}
		taken += count * c.pixel(pixel, list[:count], run)
		list = list[count:]
	}
	if len(c.taps) > 0 {
		run(c.taps)
		c.taps = c.taps[:0]
	}
	return taken
}

// pixel makes the taps of an input pixel's changes, for all output pixels that it
// reaches, and tells how many these are.
func (c *Conv) pixel(pixel int32, changes []hw.Delta, run func(taps []hw.Tap)) int {
	across, elements := int32(c.window.X.Out), c.tall*c.wide
	rows, along := c.window.Y.Of(int(pixel/c.width)), c.window.X.Of(int(pixel%c.width))
	for _, ry := range rows {
		for _, rx := range along {
			if len(c.taps)+len(changes) > maxTaps {
				run(c.taps)
				c.taps = c.taps[:0]
			}
			at := ry.Out*across + rx.Out
			c.Touched[at] = true
			c.at(changes, pixel*c.in, at*c.out, ry.Tap*c.wide+rx.Tap, elements)
		}
	}
	return len(rows) * len(along)
}

// at makes the taps of a pixel's changes for one output pixel, whose sums begin at z,
// under one element of the kernel.
func (c *Conv) at(changes []hw.Delta, first, z, element, elements int32) {
	n := len(c.taps)
	c.taps = c.taps[:n+len(changes)]
	taps := c.taps[n:]
	for i, d := range changes {
		channel := d.Index - first
		to := z
		if c.inputs != c.in {
			to += channel / c.inputs * c.outputs
		}
		taps[i] = hw.Tap{Z: to, W: (channel*elements + element) * c.outputs, Value: d.Value}
	}
}

// Count is how many taps a list of changes has.
func (c *Conv) Count(list []hw.Delta) (taps int) {
	for _, d := range list {
		pixel := int(d.Index / c.in)
		taps += len(c.window.Y.Of(pixel/int(c.width))) * len(c.window.X.Of(pixel%int(c.width)))
	}
	return taps
}
