package fpga

import (
	"math/bits"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// deltaRead is the sending of a layer's sums.
type deltaRead struct {
	on      bool
	layer   uint8
	touched bool // only those
	sending bool // the sums of the word that is looked at
	words   uint32
	at      uint32 // word that is looked at
	headers uint16 // sent
	blocks  uint16 // of the word, that are left to be sent
	channel uint16 // of the first of them
}

// sendSums puts a header, a sum or the end into the result FIFO, or looks at a word that has nothing to send.
func (d *Device) sendSums() {
	c, n, p := d.current, d.next, &d.pending
	e, r, nr := &d.delta, &c.delta.read, &n.delta.read
	l := &e.layers[r.layer]
	room := c.out.count < uint32(len(d.results))
	var word uint32
	switch {
	case r.sending:
		block := bits.TrailingZeros16(r.blocks)
		word = uint32(e.sums[(l.SumsAt+int(r.at))*e.lanes+block*l.block+int(r.channel)])
		if !room {
			break
		}
		e.counts[fpga.DeltaSent]++
		if nr.channel++; int(nr.channel) < min(l.block, l.Outputs-int(r.at)%l.parts*l.block) {
			break
		}
		nr.channel = 0
		if nr.blocks &= nr.blocks - 1; nr.blocks == 0 {
			nr.sending = false
			nr.at++
		}
	case r.at == r.words:
		word = uint32(r.headers) << 16
		nr.on = !room
	default:
		blocks := l.blocks(int(r.at))
		if r.touched {
			blocks &= e.touched[l.SumsAt+int(r.at)]
		}
		if blocks == 0 {
			nr.at++
			return
		}
		word = r.at<<16 | uint32(blocks)
		if room {
			nr.sending, nr.blocks, nr.headers = true, blocks, r.headers+1
			p.delta.does, p.delta.layer, p.delta.at = deltaSends, r.layer, r.at
		}
	}
	if !room {
		e.usage.roomWaits++
		return
	}
	p.outWord, p.outResult = true, word
	n.out.count++
}

// blocks are those of a word of sums that hold outputs.
func (l *deltaLayer) blocks(word int) uint16 {
	if l.Kind == hw.DeltaLinear {
		return 1
	}
	tile := word / l.parts
	down, along := min(3, l.height-tile/l.across*3), min(3, l.wid-tile%l.across*3)
	row := uint16(1)<<along - 1
	return (row | row<<3 | row<<6) & (1<<(3*down) - 1)
}
