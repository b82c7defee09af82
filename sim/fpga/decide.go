package fpga

import (
	"github.com/saccade-dev/saccade/hw/fpga"
)

import "github.com/saccade-dev/saccade/hw"

// stepDecide finds the winner of one event after the other: rows of thresholds are
// multiplied with the norm, rows of dot products are compared with them, and the best of
// all is joined with the dot product that was computed again behind a learning step.
func (d *Device) stepDecide() {
	c, n := d.current, d.next
	s, ns := &c.decide, &n.decide
	ns.limitPipe = s.limitPipe << 1 & (1<<limitLatency - 1)
	ns.limits += uint16(s.limitPipe >> (limitLatency - 1) & 1)
	ns.comparePipe = s.comparePipe << 1 & (1<<compareLatency - 1)
	ns.compared += uint16(s.comparePipe >> (compareLatency - 1) & 1)
	switch {
	case !s.valid:
		if c.queue.count > 0 {
			d.usage.decide++
			*ns = decideState{valid: true, t: d.queue[c.queue.head%decideLength], taken: s.taken}
			n.queue.head++
			n.queue.count--
		}
	case !s.working:
		d.usage.decide++
		d.check()
	default:
		d.usage.decide++
		d.work()
	}
}

// check answers what does not compete, and begins with what does.
func (d *Device) check() {
	c, n := d.current, d.next
	s, ns := &c.decide, &n.decide
	t := &s.t
	rows := c.match.rows - s.taken
	switch {
	case !t.competes:
		if d.free(c) {
			d.answer(t, t.result, 0, 0)
		}
	case d.config.MinRecent > 0 && int32(c.summed-t.number) <= 0:
		d.usage.waits[waitContext]++
	case !d.contexts[t.number%slots].noise:
		ns.working = true
	case !t.skipped && rows < uint32(d.passes):
		d.usage.waits[waitMatch]++ // its dot products are still on their way, for nothing
	case d.free(c):
		if !t.skipped {
			ns.taken += uint32(d.passes)
		}
		d.decides(t, hw.Noise, 0)
	}
}

// work goes through the rows.
func (d *Device) work() {
	c, n := d.current, d.next
	s, ns := &c.decide, &n.decide
	t := &s.t
	passes := uint16(d.passes)
	rooted := int32(c.rooted-t.number) > 0
	if t.selecting && rooted && s.limitNext < passes {
		ns.limitNext++
		ns.limitPipe |= 1
	}
	if s.next < passes && c.match.rows != s.taken && (!t.selecting || s.limits > s.next) {
		ns.next++
		ns.taken++
		ns.comparePipe |= 1
	}
	if s.compared < passes {
		switch {
		case s.next == passes || t.selecting && rooted && s.limits <= s.next:
		case !rooted && t.selecting:
			d.usage.waits[waitNorm]++
		default:
			d.usage.waits[waitMatch]++
		}
		return
	}
	l := &c.learn
	corrected := l.attached && l.number+1 == t.number
	switch {
	case corrected && int(l.age) < correctionReady+d.side:
		d.usage.waits[waitCorrection]++
	case d.config.Detail && !rooted:
		d.usage.waits[waitNorm]++
	case t.learning && int32(c.scaled-t.number) <= 0:
		d.usage.waits[waitScale]++
	case t.learning && int(l.age) < d.side-1:
		d.usage.waits[waitLearn]++
	case !d.free(c):
	default:
		slot := &d.contexts[t.number%slots]
		winner, dot := d.weights.best(d.dots[t.number%matchedAhead], int(t.bank), t.selecting, slot.norm)
		d.decides(t, winner, dot)
	}
}

// free tells whether a result can be given out.
func (d *Device) free(c *state) bool {
	free := c.write.words == 0 || c.write.words == 1 && d.writes(c)
	if !free {
		d.usage.waits[waitResults]++
	}
	return free
}

// decides ends an event that competed.
func (d *Device) decides(t *token, winner int16, dot int32) {
	n, p := d.next, &d.pending
	slot := &d.contexts[t.number%slots]
	p.learns = t.learning && winner >= 0
	result, norm := winner, slot.norm
	switch {
	case winner >= 0 && t.bank == 1:
		result += int16(d.config.Neurons)
	case winner == hw.Noise:
		norm = 0
	case winner < 0:
		dot = 0
	}
	n.decided++
	if !p.learns {
		n.busy &^= 1 << (t.number % slots)
	}
	p.decision, p.decided, p.winner, p.dot = true, *t, winner, dot
	d.answer(t, result, dot, norm)
}

// answer gives a result to the writer, and lets the next token come.
func (d *Device) answer(t *token, result int16, dot int32, norm uint32) {
	p := &d.pending
	d.next.decide.valid = false
	p.answers = true
	if t.mark {
		p.answer = writeState{words: 1, word: fpga.ResultWord(t.tag, fpga.MarkResult)}
		return
	}
	p.answer = writeState{words: 1, word: fpga.ResultWord(d.events, result), dot: uint32(dot), norm: norm}
	if d.config.Detail {
		p.answer.words = 3
	}
	d.events++
	d.count(result)
}

var countOf = [...]int{-hw.Missed: fpga.CountMissed, -hw.Border: fpga.CountBorder, -hw.Outside: fpga.CountOutside, -hw.Noise: fpga.CountNoise, -hw.Ignored: fpga.CountIgnored, -fpga.Refused: fpga.CountRefused}

func (d *Device) count(result int16) {
	if result >= 0 {
		d.counts[fpga.CountWon]++
	} else {
		d.counts[countOf[-result]]++
	}
}
