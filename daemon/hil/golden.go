package hil

import (
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Golden is what a device must answer to each word, computed by the kernels of a processor: the
// streams are those of sim/fpga's page, the rule is [hw.Bank]'s. It knows nothing of cycles. It is used by one
// goroutine at a time.
type Golden struct {
	config  hwfpga.Config
	kernels *hw.Kernels
	banks   []*hw.Bank
	border  int // cells around a plane that never fire
	stride  int

	contexts []int16 // one, and room for those that are matched beside it
	dots     []int32

	pending bool // a first word waits for its second
	first   uint32
	stamp   uint32
	seq     uint16
}

// Answer is what the device says to one event, or to a mark.
type Answer struct {
	hwfpga.Result
	// Near is, of an event that competed, the dot product of every neuron of its bank; it is valid until the next
	// word. Nil of any other.
	Near []int32
	Bank int
}

// NewGolden makes what a device of that configuration must equal; its memories are zero. It computes with the
// kernels of a target.
func NewGolden(c hwfpga.Config, target hw.Target) *Golden {
	g := &Golden{config: c, kernels: target.Kernels()}
	if c.Zero {
		g.border = c.Radius
	}
	g.stride = c.Width + 2*g.border
	n := c.Side() * c.Side()
	g.contexts = make([]int16, hw.Batch*hw.ContextSpace(n))
	g.dots = make([]int32, hw.Batch*hw.DotLen(c.Neurons))
	for i := range c.Banks() {
		cells := make([]uint32, g.stride*(c.Height+2*g.border))
		b := hw.NewBank(hw.Patch{Side: c.Side(), Stride: g.stride, Planes: 1, Plane: len(cells), Decay: c.Decay}, cells, c.Neurons)
		b.MinRecent, b.Recent = c.MinRecent, c.Recent
		g.banks = append(g.banks, b)
		g.SetRates(i, c.Rates[i])
	}
	g.SetMode(c.Learning, c.Selecting)
	return g
}

// SetRates is what the live registers of a bank's rates do.
func (g *Golden) SetRates(bank int, r hw.Rates) {
	b := g.banks[bank]
	b.Eta, b.DeltaI, b.DeltaE = r.Eta, r.DeltaI, r.DeltaE
}

// SetMode is what the command of the same name does. What learns also selects.
func (g *Golden) SetMode(learning, selecting bool) {
	for _, b := range g.banks {
		b.Learning, b.Selecting = learning, selecting || learning
	}
}

// Between tells whether the stream is in the middle of an event or a command.
func (g *Golden) Between() bool { return g.pending }

// Word takes the next word, and gives the answer where it was the last of an event or of a mark.
func (g *Golden) Word(w uint32) (a Answer, ok bool) {
	first := w
	switch {
	case g.pending:
		first, g.pending = g.first, false
		if first&^(1<<15) == hwfpga.CommandWord {
			return g.command(w)
		}
		if w > hw.MaxStamp {
			return g.event(first, true), true
		}
		g.stamp = w
	case w&hwfpga.NoTime == 0:
		g.pending, g.first = true, w
		return Answer{}, false
	}
	return g.event(first, false), true
}

func (g *Golden) command(w uint32) (a Answer, ok bool) {
	switch {
	case w&hwfpga.NoTime == 0:
		g.rebase(w)
	case w&hwfpga.OpMask == hwfpga.OpClear:
		for _, b := range g.banks {
			clear(b.Cells)
		}
	case w&hwfpga.OpMask == hwfpga.OpMark:
		return Answer{Result: hwfpga.Result{Mark: true, Seq: uint16(w), Winner: hwfpga.MarkResult}}, true
	case w&hwfpga.OpMask == hwfpga.OpMode:
		g.SetMode(w&hwfpga.OpLearning != 0, w&(hwfpga.OpSelecting|hwfpga.OpLearning) != 0)
	}
	return Answer{}, false
}

func (g *Golden) rebase(move uint32) {
	for _, b := range g.banks {
		for i, c := range b.Cells {
			b.Cells[i] = c - min(c, move)
		}
	}
}

func (g *Golden) event(w uint32, refused bool) Answer {
	c := &g.config
	x, y, p := int(w>>16&hwfpga.CommandCoordinate), int(w&hwfpga.CommandCoordinate), int(w>>15&1)
	a := Answer{Result: hwfpga.Result{Seq: g.seq}}
	g.seq++
	switch {
	case x >= c.Width || y >= c.Height:
		a.Winner = hw.Outside
		return a
	case c.Mode == hwfpga.ModeOn && p == 0:
		a.Winner = hw.Ignored
		return a
	case refused:
		a.Winner = hwfpga.Refused
		return a
	}
	if c.Mode == hwfpga.ModeSplit {
		a.Bank = p
	}
	b := g.banks[a.Bank]
	cell := (y+g.border)*g.stride + x + g.border
	if !c.Zero && (x < c.Radius || y < c.Radius || x+c.Radius >= c.Width || y+c.Radius >= c.Height) {
		b.Cells[cell] = g.stamp
		a.Winner = hw.Border
		return a
	}
	g.compete(b, cell, &a)
	return a
}

// compete takes an event through its bank, but first looks at what the device tells with details.
func (g *Golden) compete(b *hw.Bank, cell int, a *Answer) {
	first := cell - g.config.Radius*(g.stride+1)
	n := b.Elements()
	b.Cells[cell] = g.stamp
	sum := g.kernels.Context(g.contexts[:hw.ContextSpace(n)], b.Cells, first, &b.Patch, g.stamp)
	g.kernels.Match(g.dots, b.Weights, g.contexts, g.config.Neurons, n)
	step := [1]hw.Step{{Cell: uint32(cell), First: uint32(first), Now: g.stamp, Winner: hw.Pending}}
	g.kernels.Run(b, step[:])
	a.Winner, a.Near = int16(step[0].Winner), g.dots[:g.config.Neurons]
	if a.Winner != hw.Noise {
		a.Norm = hw.Norm(sum)
	}
	if a.Winner >= 0 {
		a.Dot = g.dots[a.Winner]
		a.Winner += int16(a.Bank * g.config.Neurons)
	}
}

// Patch is what the device sees around an event that competes: stamps and values, [row][column], and the sum of
// the values' squares. It changes nothing.
func (g *Golden) Patch(bank, x, y int, stamp uint32) (stamps []uint32, values []int16, sum uint32) {
	b := g.banks[bank]
	side := g.config.Side()
	cell := (y+g.border)*g.stride + x + g.border
	first := cell - g.config.Radius*(g.stride+1)
	for row := range side {
		stamps = append(stamps, b.Cells[first+row*g.stride:][:side]...)
	}
	stamps[len(stamps)/2] = stamp
	for _, s := range stamps {
		age := uint32(0) // of what lies in the future
		if s < stamp {
			age = stamp - s
		}
		v := g.config.Decay.Value(age)
		values = append(values, v)
		sum += uint32(int32(v) * int32(v))
	}
	return stamps, values, sum
}
