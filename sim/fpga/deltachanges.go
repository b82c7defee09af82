package fpga

import (
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// isDelta tells whether a command is the delta engine's.
func isDelta(w uint32) bool { return w&fpga.OpMask >= fpga.OpChanges && w&fpga.OpMask <= fpga.OpZero }

// deltaAllows tells whether stage b may go on, as far as the delta engine has a say in it: changes follow each
// other without a gap; sums are sent when all that was added is written, and all that is ahead of them
// in the stream is answered; everything else waits until the lanes are done with all changes ahead of it.
func (d *Device) deltaAllows(c *state) bool {
	s := &c.delta
	switch {
	case c.b.change:
		return s.wait == 0 && !s.read.on && (!s.prepared[0].valid || !s.prepared[1].valid || !s.prepared[2].valid || d.issuesLast(c))
	case c.b.command && c.b.stamp&fpga.OpMask == fpga.OpSums:
		return !s.busy() && c.order.count == 0 && c.queue.count == 0 && !c.decide.valid && c.write.words == 0
	case c.b.command && c.b.stamp&fpga.OpMask == fpga.OpZero:
		return !s.busy()
	default:
		return !s.working()
	}
}

// takeChange takes a change out of stage b.
func (d *Device) takeChange(w uint32) {
	e, s := &d.delta, &d.current.delta
	index := w >> 16
	switch {
	case !s.selected:
		e.counts[fpga.DeltaRefused]++ // the command ahead of it was an error
	case int(index) >= e.layers[s.layer].inputs:
		e.counts[fpga.DeltaRefused]++
		d.pending.commanded = fault(fpga.ErrorChange, index)
	default:
		e.counts[fpga.DeltaTaken]++
		d.pending.delta.taken, d.pending.delta.change = true, w
	}
}

// commandDelta does what a command of the delta engine says.
func (d *Device) commandDelta(w uint32) {
	e, n, p := &d.delta, d.next, &d.pending
	number := w & fpga.OpLayer
	there := number < deltaLayers && e.layers[number].there
	if !there {
		p.commanded = fault(fpga.ErrorLayer, number)
		number = 0
	}
	switch w & fpga.OpMask {
	case fpga.OpChanges:
		n.delta.layer, n.delta.selected = uint8(number), there
	case fpga.OpSums:
		n.delta.read = deltaRead{on: true, layer: uint8(number), touched: w&fpga.OpTouched != 0}
		if there {
			n.delta.read.words = uint32(e.layers[number].words)
		}
	default:
		if there {
			n.delta.wait = uint32(e.layers[number].words - 1)
			p.delta.does, p.delta.layer = deltaZeroes, uint8(number)
		}
	}
}

// lanesFree tells whether FEAST has no use for the lanes: what is ahead of a change was matched.
func lanesFree(c *state) bool {
	return c.order.count == 0 && c.match.column == 0 && c.match.pass == 0
}

// issuesLast tells whether the last word of the change at work is issued in this cycle.
func (d *Device) issuesLast(c *state) bool {
	s := &c.delta
	return s.prepared[2].valid && lanesFree(c) && int(s.part)+1 == d.delta.layers[s.layer].parts
}

// stepDelta is a cycle of the delta engine.
func (d *Device) stepDelta() {
	c, n, p := d.current, d.next, &d.pending
	e, s, ns := &d.delta, &c.delta, &n.delta
	ns.pipe = s.pipe << 1 & (1<<deltaLatency - 1)
	if s.busy() {
		e.counts[fpga.DeltaActive]++
	}
	if s.wait > 0 {
		ns.wait--
	}
	if s.read.on {
		d.sendSums()
	}
	done := !s.prepared[2].valid
	switch {
	case done:
	case !lanesFree(c):
		e.usage.waits++
	default:
		e.counts[fpga.DeltaBusy]++
		p.delta.does, p.delta.layer, p.delta.part = deltaAdds, s.layer, s.part
		ns.pipe |= 1
		if ns.part++; int(ns.part) == e.layers[s.layer].parts {
			ns.part, done = 0, true
		}
	}
	// Each goes on where the one before it does, or left a gap.
	if done {
		ns.prepared[2] = s.prepared[1]
	}
	if done = done || !s.prepared[1].valid; done {
		ns.prepared[1] = s.prepared[0]
	}
	if done || !s.prepared[0].valid {
		ns.prepared[0] = deltaChange{valid: p.delta.taken, word: p.delta.change}
	}
}

// commitDelta does to the memories what a cycle has decided.
func (d *Device) commitDelta() {
	e, p := &d.delta, &d.pending.delta
	l := &e.layers[p.layer]
	switch p.does {
	case deltaZeroes:
		clear(e.sums[l.SumsAt*e.lanes:][:l.words*e.lanes])
		clear(e.touched[l.SumsAt:][:l.words])
	case deltaSends:
		e.touched[l.SumsAt+int(p.at)] = 0
	default:
		w := d.current.delta.prepared[2].word
		e.add(l, int(w>>16), int32(int16(uint16(w))), int(p.part))
	}
}

// add adds what a change does to one word's lanes. That its sums are written deltaLatency cycles later is seen by
// nobody: the words that follow get them ahead of that, by forwarding, and what reads otherwise waits.
func (e *deltaEngine) add(l *deltaLayer, index int, change int32, part int) {
	first := part * l.block
	count := min(l.block, l.Outputs-first)
	if l.Kind == hw.DeltaLinear {
		e.block(l.WeightsAt+index*l.parts+part, 0, l.SumsAt+part, 0, count, change)
		e.touched[l.SumsAt+part] = 1
		return
	}
	pixel, channel := index/l.Channels, index%l.Channels
	y, x := pixel/l.Width+l.Padding, pixel%l.Width+l.Padding
	weights := l.WeightsAt + channel*l.parts + part
	for ky := y % l.Stride; ky < 3 && ky <= y; ky += l.Stride {
		oy := (y - ky) / l.Stride
		if oy >= l.height {
			continue
		}
		for kx := x % l.Stride; kx < 3 && kx <= x; kx += l.Stride {
			ox := (x - kx) / l.Stride
			if ox >= l.wid {
				continue
			}
			sums := l.SumsAt + (oy/3*l.across+ox/3)*l.parts + part
			block := oy%3*3 + ox%3
			e.block(weights, (ky*3+kx)*l.block, sums, block*l.block, count, change)
			e.touched[sums] |= 1 << block
		}
	}
}

// block adds one block of lanes.
func (e *deltaEngine) block(weights, fromLane, sums, toLane, count int, change int32) {
	w := e.weights[weights*e.lanes+fromLane:][:count]
	z := e.sums[sums*e.lanes+toLane:][:count]
	for i, v := range w {
		z[i] += int32(v) * change
	}
	e.counts[fpga.DeltaMACs] += uint64(count)
}
