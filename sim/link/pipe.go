package link

import (
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// pipe is one direction of the link.
type pipe struct {
	link   *Link
	class  func(w uint32) Class
	words  uint64 // that went in
	late   []late
	passed []uint32 // what has come out
}

// late is a word that comes later: when so many words have gone in, or at a tick of the clock.
type late struct {
	word  uint32
	words uint64
	tick  uint64
	swap  bool
}

// push takes a word, and passes on what comes of it.
func (p *pipe) push(w uint32) {
	l := p.link
	l.clock.now++
	p.words++
	p.strike(w, p.class(w))
	p.release()
}

// strike lets the rules have a word, one after the other; the first that strikes is the last.
func (p *pipe) strike(w uint32, c Class) {
	r := p.link.struckBy(c)
	if r == nil {
		p.passed = append(p.passed, w)
		return
	}
	switch r.Do {
	case Drop:
	case Repeat:
		p.passed = append(p.passed, w, w)
	case Swap:
		p.late = append(p.late, late{word: w, words: p.words + 1, swap: true})
	case Late:
		p.late = append(p.late, late{word: w, tick: p.link.clock.now + r.Ticks})
	case Flip, Garbage:
		p.passed = append(p.passed, r.change(w))
	case Stray:
		p.passed = append(p.passed, w, r.rng.Uint32())
	case Cut:
		p.link.cut(r)
	}
}

// release passes on what is due.
func (p *pipe) release() {
	kept := p.late[:0]
	for _, w := range p.late {
		if w.swap && w.words > p.words || !w.swap && w.tick > p.link.clock.now {
			kept = append(kept, w)
			continue
		}
		p.passed = append(p.passed, w.word)
	}
	p.late = kept
}

// due is the next tick at which a late word comes. Where nothing follows that one could change places with, a word that
// should have comes at once.
func (p *pipe) due() (tick uint64, some bool) {
	for i := range p.late {
		w := &p.late[i]
		if w.swap {
			return p.link.clock.now, true
		}
		if !some || w.tick < tick {
			tick, some = w.tick, true
		}
	}
	return tick, some
}

// settle has words that wait for a follower wait no more.
func (p *pipe) settle() {
	for i := range p.late {
		p.late[i].swap = false // its tick is 0
	}
	p.release()
}

// inward tells the classes of words towards a device.
func inward() func(w uint32) Class {
	var second, command, changes bool
	return func(w uint32) Class {
		switch {
		case second:
			second = false
			if command {
				changes = w&hwfpga.OpMask == hwfpga.OpChanges
				return Commands
			}
			return Times
		case changes && w != hwfpga.CommandWord:
			return Commands // what a command of the delta engine is about
		}
		second, command, changes = w&hwfpga.NoTime == 0, w&^(1<<15) == hwfpga.CommandWord, false
		if command {
			return Commands
		}
		return Events
	}
}

// outward tells the classes of words from a device.
func outward(detail bool) func(w uint32) Class {
	reader := hwfpga.NewResultReader(detail)
	return func(w uint32) Class {
		between := reader.Between()
		r, _ := reader.Word(w)
		switch {
		case between:
			return Details
		case r.Mark:
			return Marks
		}
		return Results
	}
}
