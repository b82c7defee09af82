package fpga_test

import (
	"math/bits"
	"slices"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// literalSend is the sending of sums: what is looked at was read in the cycle before.
type literalSend struct {
	on, touched, sending bool
	n                    *hwfpga.DeltaLayer // nil of one that there is not
	at, words            int
	seenBits             uint16
	seen                 []int32
	blocks               uint16
	channel              int
	headers              int
}

func (l *literal) beginSend(number int, touched bool) {
	s := literalSend{on: true, touched: touched}
	if number >= 0 {
		s.n = &l.layers[number]
		s.words = s.n.SumWords(l.row)
		s.seenBits, s.seen = l.look(s.n, 0)
	}
	l.set(func() { l.send = s })
}

// look reads a word of sums, and its bits.
func (l *literal) look(n *hwfpga.DeltaLayer, at int) (uint16, []int32) {
	if at >= n.SumWords(l.row) {
		return 0, nil // what is behind a layer is read and not used
	}
	return l.touchedBits[n.SumsAt+at], slices.Clone(l.totals[n.SumsAt+at])
}

func (l *literal) sendSums() {
	s := l.send
	if !s.on {
		return
	}
	room := len(l.out) < l.b.Out
	put := func(w uint32) {
		if room {
			l.set(func() { l.out = append(l.out, w) })
		}
	}
	next := s
	switch {
	case s.sending:
		b := bits.TrailingZeros16(s.blocks)
		put(uint32(s.seen[b*l.lanesOf(s.n)+s.channel]))
		if !room {
			return
		}
		next.channel++
		if part := s.at % ((s.n.Outputs + l.lanesOf(s.n) - 1) / l.lanesOf(s.n)); next.channel == min(l.lanesOf(s.n), s.n.Outputs-part*l.lanesOf(s.n)) {
			next.channel = 0
			next.blocks = s.blocks &^ (1 << b)
			if next.blocks == 0 {
				next.sending, next.at = false, s.at+1
			}
		}
	case s.at == s.words:
		put(uint32(s.headers) << 16)
		next.on = !room
	default:
		blocks := l.holds(s.n, s.at)
		if s.touched {
			blocks &= s.seenBits
		}
		if blocks == 0 {
			next.at++
			break
		}
		put(uint32(s.at)<<16 | uint32(blocks))
		if !room {
			return
		}
		next.sending, next.blocks = true, blocks
		next.headers++
		at := s.n.SumsAt + s.at
		l.set(func() { l.touchedBits[at] = 0 })
	}
	if s.n != nil && next.at != s.at {
		next.seenBits, next.seen = l.look(s.n, next.at)
	}
	l.set(func() { l.send = next })
}

// holds are the blocks of a word of sums that hold outputs.
func (l *literal) holds(n *hwfpga.DeltaLayer, word int) (blocks uint16) {
	if n.Kind == hw.DeltaLinear {
		return 1
	}
	parts := (n.Outputs + l.lanesOf(n) - 1) / l.lanesOf(n)
	height, width := n.Out()
	_, across := n.Tiles()
	for b := range 9 {
		if word/parts/across*3+b/3 < height && word/parts%across*3+b%3 < width {
			blocks |= 1 << b
		}
	}
	return blocks
}
