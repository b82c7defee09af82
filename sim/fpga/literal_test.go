package fpga_test

import (
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// literal is the device with every register of its data path: each column goes through
// each stage in a cycle of its own, weights are read and written column by column, roots
// and quotients are found bit by bit. It is slow, and it is what Device must equal in
// every cycle: Device computes values in blocks, which is right only where the pipeline's
// hazards are met as the package comment says.
//
// All that changes is handed to set, which does it at the end of the cycle: no unit sees
// what another does in the same cycle.
type literal struct {
	c      hwfpga.Config
	b      fpga.Build
	groups int
	passes int
	edge   []func()

	in, out []uint32
	second  bool // of two words before the FIFO

	parseSecond bool
	first       uint32
	stamp       uint32
	a, sb       *literalEvent

	learning, selecting bool

	cells  [][]uint32 // [bank][address]
	column int
	wait   int
	patch  *literalEvent
	fill   [9]*literalColumn // 1: cells ... 8: values in patch order
	square [3]*literalColumn // 1: squares, 2: sums of three
	slots  [8]literalSlot

	begun, streams, summed, rooted, scaled, matching, decided int

	root, scale literalDigits

	order, queue []literalToken

	match
	decide
	learner
	neurons

	write  []uint32
	events int

	literalDelta
	lanesOf func(*hwfpga.DeltaLayer) int // of a block of the delta engine, nil where there is none
}

type literalEvent struct {
	command bool
	change  bool // of the delta engine, in the stamp
	x, y, p int
	stamp   uint32
}

type literalToken struct {
	mark, competes, learning, selecting, skipped bool

	bank, number int
	result       int16
	tag          uint16
}

// literalSlot is a context: its memory, and what was found of it.
type literalSlot struct {
	busy                bool
	columns             [][]int16
	bank                int
	learning, selecting bool
	sum                 uint32
	recent              int
	norm                uint32
	shift               uint
	factor              uint32
}

func (l *literal) set(f func()) { l.edge = append(l.edge, f) }

func (l *literal) side() int { return l.c.Side() }

func newLiteral(b fpga.Build, c hwfpga.Config) *literal {
	l := &literal{c: c, b: b, groups: b.Lanes / b.Rows, learning: c.Learning, selecting: c.Selecting}
	l.passes = (c.Neurons + l.groups - 1) / l.groups
	for range b.Rows {
		l.cells = append(l.cells, make([]uint32, b.Cells))
	}
	for i := range l.slots {
		for range c.Side() {
			l.slots[i].columns = append(l.slots[i].columns, make([]int16, b.Rows))
		}
	}
	l.makeNeurons()
	l.age = 1000
	return l
}

func (l *literal) Out() fpga.Out {
	o := fpga.Out{Ready: l.second || len(l.in)+2 <= l.b.In, Valid: len(l.out) > 0}
	if o.Valid {
		o.Word = l.out[0]
	}
	return o
}

func (l *literal) Tick(in fpga.In) {
	var change *literalChange
	if l.sb != nil && l.sb.change && l.surfaceTakes() {
		change = l.takeChange(l.sb.stamp)
	}
	l.takeWord(in)
	l.writeResult(in) // ahead of what a decision hands to the writer at the same edge
	l.parse()
	l.surface()
	l.fillColumns()
	l.digits()
	l.matchColumns()
	l.decisions()
	l.learnColumns()
	if l.lanesOf != nil {
		l.delta(change)
	}
	for _, f := range l.edge {
		f()
	}
	l.edge = l.edge[:0]
}

func (l *literal) takeWord(in fpga.In) {
	if in.Valid && l.Out().Ready {
		second := !l.second && in.Word&hwfpga.NoTime == 0
		changes, command := l.entryChanges, in.Word == hwfpga.CommandWord && second
		switch {
		case l.second && l.entryCommand:
			changes = in.Word>>24 == 0x83 && l.lanesOf != nil
		case changes:
			second = command
		}
		l.set(func() {
			l.in, l.second = append(l.in, in.Word), second
			l.entryChanges, l.entryCommand = changes, command
		})
	}
}

func (l *literal) parse() {
	bMoves := l.sb == nil || l.surfaceTakes()
	aMoves := l.a == nil || bMoves
	var made *literalEvent
	event := func(w uint32) *literalEvent {
		return &literalEvent{x: int(w >> 16 & 0x7fff), y: int(w & 0x7fff), p: int(w >> 15 & 1), stamp: l.stamp}
	}
	if len(l.in) > 0 {
		w := l.in[0]
		pop := func() { l.in = l.in[1:] }
		switch {
		case !l.parseSecond && l.parseChanges && w != hwfpga.CommandWord:
			if aMoves {
				made = &literalEvent{change: true, stamp: w}
				l.set(pop)
			}
		case !l.parseSecond && w&hwfpga.NoTime == 0:
			l.set(func() { l.parseSecond, l.first = true, w; pop() })
		case !aMoves:
		case l.parseSecond:
			made = event(l.first)
			made.stamp, made.command = w, l.first == hwfpga.CommandWord
			stamp := l.stamp
			if !made.command {
				stamp = w
			}
			changes := made.command && w>>24 == 0x83 && l.lanesOf != nil
			l.set(func() { l.parseSecond, l.parseChanges, l.stamp = false, changes, stamp; pop() })
		default:
			made = event(w)
			l.set(pop)
		}
	}
	a := l.a
	if bMoves {
		l.set(func() { l.sb = a })
	}
	if aMoves {
		l.set(func() { l.a = made })
	}
}

func (l *literal) writeResult(in fpga.In) {
	if in.Ready && len(l.out) > 0 {
		l.set(func() { l.out = l.out[1:] })
	}
	if len(l.write) > 0 && len(l.out) < l.b.Out {
		w := l.write[0]
		l.set(func() { l.out = append(l.out, w); l.write = l.write[1:] })
	}
}

// writerFree tells whether the writer takes a result in this cycle.
func (l *literal) writerFree() bool {
	return len(l.write) == 0 || len(l.write) == 1 && len(l.out) < l.b.Out
}

// answer comes behind what writeResult does in the same cycle: it is set later.
func (l *literal) answer(t literalToken, result int16, dot int32, norm uint32) {
	words := []uint32{uint32(l.events)<<16 | uint32(uint16(result))}
	switch {
	case t.mark:
		words[0] = uint32(t.tag)<<16 | 1<<15
	case l.c.Detail:
		words = append(words, uint32(dot), norm)
	}
	l.set(func() {
		if !t.mark {
			l.events++
		}
		l.headValid = false
	})
	l.answered = words
}

func (l *literal) noise(s *literalSlot) bool { return l.c.MinRecent > 0 && s.recent < l.c.MinRecent }
