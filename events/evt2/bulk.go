package evt2

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

const (
	// together is how many words bulk takes at a time, in pairs of 64 bits.
	together = 8

	both    = 0x1_0000_0001        // times a word: the word in both halves
	coords  = coordMask * both     // a coordinate
	off     = prophesee.Off * both // where its sum with a bias runs over
	foreign = 0xe000_0000 * both   // the bits of the type that neither polarity has
)

// bulk decodes words as long as so many at a time are events on the sensor: bias is
// what pixels lack to run over when they lie outside. It gives the bytes taken and
// the events made.
func bulk(data []byte, out []events.Event, base int64, bias uint32) (n, k int) {
	bias2 := uint64(bias) * both
	left, room := len(data), len(out)
	for len(data) >= together*wordBytes && len(out) >= together {
		in, to := (*[together * wordBytes]byte)(data), (*[together]events.Event)(out)
		a, b := binary.LittleEndian.Uint64(in[0:]), binary.LittleEndian.Uint64(in[8:])
		c, d := binary.LittleEndian.Uint64(in[16:]), binary.LittleEndian.Uint64(in[24:])
		axy, bxy := a>>xShift&coords|a&coords<<16, b>>xShift&coords|b&coords<<16
		cxy, dxy := c>>xShift&coords|c&coords<<16, d>>xShift&coords|d&coords<<16
		if ((axy+bias2)|(bxy+bias2)|(cxy+bias2)|(dxy+bias2))&off|(a|b|c|d)&foreign != 0 {
			break
		}
		put(&to[0], base, uint32(a), uint32(axy))
		put(&to[1], base, uint32(a>>32), uint32(axy>>32))
		put(&to[2], base, uint32(b), uint32(bxy))
		put(&to[3], base, uint32(b>>32), uint32(bxy>>32))
		put(&to[4], base, uint32(c), uint32(cxy))
		put(&to[5], base, uint32(c>>32), uint32(cxy>>32))
		put(&to[6], base, uint32(d), uint32(dxy))
		put(&to[7], base, uint32(d>>32), uint32(dxy>>32))
		data, out = data[together*wordBytes:], out[together:]
	}
	return left - len(data), room - len(out)
}

// put makes an event of a word whose type is a polarity; xy is its pixel, x in the
// low half.
func put(e *events.Event, base int64, w, xy uint32) {
	e.T = base + int64(w>>lowShift&lowMask)
	e.X, e.Y = uint16(xy), uint16(xy>>16)
	e.P = events.Polarity(w >> typeShift)
}
