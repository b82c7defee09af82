package cpu

import (
	"github.com/saccade-dev/saccade/hw"
)

func init() {
	hw.Register(purego{}, 0)
}

// purego is the target in portable Go.
type purego struct{}

func (purego) Name() string           { return "purego" }
func (purego) Describe() string       { return "portable Go, on any machine" }
func (purego) Features() []hw.Feature { return nil }
func (purego) Usable() error          { return nil }

func (purego) Kernels() *hw.Kernels {
	k := &hw.Kernels{Context: context, Match: match, Learn: learn, Delta: deltaPortable()}
	k.Run = func(b *hw.Bank, steps []hw.Step) { run(k, b, steps) }
	return k
}

// context looks the values up; the table holds what [hw.Decay.Value] defines.
func context(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
	_ = c[hw.ContextSpace(p.Elements())-1]
	var sum uint32
	table, horizon, left, right, round := p.Decay.Table, p.Decay.Horizon, p.Decay.Left, p.Decay.Right, p.Decay.Round
	for plane := range p.Planes {
		for y := range p.Side {
			row := cells[first+plane*p.Plane+y*p.Stride:][:p.Side]
			values := c[:p.Side]
			c = c[p.Side:]
			for i, cell := range row {
				// A cell of the future is one of now: the age is never below zero.
				age := min(now-min(cell, now), horizon)
				v := table[uint16((age<<left+round)>>right)]
				values[i] = v
				sum += uint32(int32(v) * int32(v))
			}
		}
	}
	return sum
}

func match(dots []int32, weights, contexts []int16, neurons, elements int) {
	row, space, dotLen := hw.ContextLen(elements), hw.ContextSpace(elements), hw.DotLen(neurons)
	_, _, _ = dots[hw.Batch*dotLen-1], weights[hw.NeuronRows(neurons)*row-1], contexts[hw.Batch*space-1]
	for k := range hw.Batch {
		c := contexts[k*space:][:elements]
		for i := range neurons {
			dots[k*dotLen+i] = dot(weights[i*row:][:elements], c)
		}
	}
}

func learn(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	if len(master) != hw.ContextLen(len(master)) {
		panic(PanicBank)
	}
	weights, c = weights[:len(master)], c[:len(master)]
	rate, renormal, drop := int32(p.Rate), int32(p.Renormal), p.Drop
	half := int32(1) << (drop - 1)
	for i, m := range master {
		w := weights[i]
		d := hw.Difference(hw.Normalised(c[i], p.Shift, p.Factor), w)
		m += (int32(d)*rate + int32(w)*renormal + half) >> drop
		w = hw.MatchWeight(m)
		master[i], weights[i] = m, w
		squares += uint32(int32(w) * int32(w))
	}
	return squares
}
