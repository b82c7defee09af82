package fpga

import "github.com/saccade-dev/saccade/hw/fpga"

// writes tells whether the writer puts a word into the result FIFO, or drops it.
func (d *Device) writes(c *state) bool {
	return c.write.words > 0 && (c.out.count < uint32(len(d.results)) || d.config.DropOut)
}

// stepResults writes results into their FIFO, a word a cycle, and lets go of what was
// taken. What is dropped is dropped whole: the first word needs room for all.
func (d *Device) stepResults(in In) {
	c, n, p := d.current, d.next, &d.pending
	if in.Ready && c.out.count > 0 {
		if d.build.Checks {
			d.checks.out = fpga.CheckWord(d.checks.out, d.results[c.out.head&uint32(len(d.results)-1)])
		}
		n.out.head++
		n.out.count--
	}
	w := &c.write
	if !d.writes(c) {
		return
	}
	if d.config.DropOut && c.out.count+uint32(w.words) > uint32(len(d.results)) {
		n.write.words = 0
		d.counts[fpga.CountDroppedOut]++
		d.overflow |= fpga.StatusOverflowOut
		return
	}
	d.usage.write++
	p.outWord, p.outResult = true, w.word
	n.out.count++
	if w.words == 1 {
		d.counts[fpga.CountResults]++
	}
	n.write = writeState{words: w.words - 1, word: w.dot, dot: w.norm}
}
