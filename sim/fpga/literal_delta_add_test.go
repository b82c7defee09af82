package fpga_test

import (
	"slices"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// issue reads a word of weights for the change whose turn it is, where the lanes are free.
func (l *literal) issue() *literalAdd {
	c := l.prepared[2]
	if c == nil || !l.lanesFree() {
		return nil
	}
	n := &l.layers[l.layer]
	block := l.lanesOf(n)
	a := &literalAdd{change: int32(int16(uint16(c.change))), block: block, last: min(block, n.Outputs-l.part*block)}
	row := int(c.channel)
	if n.Kind == hw.DeltaLinear {
		a.enabled[0], a.at[0] = true, n.SumsAt+l.part
	} else {
		_, across := n.Tiles()
		for b := range 9 {
			ky, oy := reached(int(c.y)+n.Padding, b/3, n, false)
			kx, ox := reached(int(c.x)+n.Padding, b%3, n, true)
			if ky < 0 || kx < 0 {
				continue
			}
			a.enabled[b], a.from[b] = true, ky*3+kx
			a.at[b] = n.SumsAt + (oy/3*across+ox/3)*l.parts() + l.part
		}
	}
	a.weights = slices.Clone(l.weights[n.WeightsAt+row*l.parts()+l.part])
	return a
}

// reached is the output, of those with a remainder by 3, that an input's row or column has a part in, and under which
// element of the kernel; -1 where there is none.
func reached(at, remainder int, n *hwfpga.DeltaLayer, x bool) (element, out int) {
	outs, width := n.Out()
	if x {
		outs = width
	}
	for out := remainder; out < outs; out += 3 {
		if k := at - out*n.Stride; k >= 0 && k < 3 {
			return k, out
		}
	}
	return -1, 0
}

// addUp takes words through the lanes, each of which is a row of registers.
func (l *literal) addUp() {
	old := l.adds
	l.set(func() { l.adds[2], l.adds[3], l.adds[4], l.adds[5] = old[1], old[2], old[3], old[4] })
	if a := old[1]; a != nil { // turned to the blocks
		turned := make([]int16, l.row)
		a.each(func(b, lane, i int) { turned[lane] = a.weights[a.from[b]*a.block+i] })
		l.set(func() { a.weights = turned })
	}
	if a := old[2]; a != nil { // multiplied, and the sums read
		products, sums := make([]int32, l.row), make([]int32, l.row)
		a.each(func(b, lane, _ int) {
			products[lane] = int32(a.weights[lane]) * a.change
			sums[lane] = l.totals[a.at[b]][lane]
		})
		l.set(func() { a.products, a.old = products, sums })
	}
	if a := old[3]; a != nil { // added, to what the two words ahead have made of the same sums
		results := make([]int32, l.row)
		a.each(func(b, lane, _ int) {
			sum := a.old[lane]
			for _, ahead := range []*literalAdd{old[5], old[4]} {
				if ahead != nil && ahead.enabled[b] && ahead.at[b] == a.at[b] {
					sum = ahead.results[lane]
				}
			}
			results[lane] = sum + a.products[lane]
		})
		l.set(func() { a.results = results })
	}
	if a := old[4]; a != nil { // written
		l.set(func() {
			a.each(func(b, lane, _ int) {
				l.totals[a.at[b]][lane] = a.results[lane]
				l.touchedBits[a.at[b]] |= 1 << b
			})
		})
	}
}

// each goes over the lanes that have something to add.
func (a *literalAdd) each(f func(block, lane, i int)) {
	for b, on := range a.enabled {
		for i := range a.last {
			if on {
				f(b, b*a.block+i, i)
			}
		}
	}
}

// lanesOf is how many lanes a block has.
func lanesOf(lanes int) func(n *hwfpga.DeltaLayer) int {
	return func(n *hwfpga.DeltaLayer) int {
		if n.Kind == hw.DeltaConv3x3 {
			return lanes / 9
		}
		return lanes
	}
}
