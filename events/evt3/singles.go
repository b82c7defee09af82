package evt3

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
)

// The words that singles takes are ADDR_Y (0), ADDR_X (2) and TIME_LOW (6). Their
// types have the bits 15 and 12 clear, and bit 14 only together with bit 13; among
// them bit 13 tells ADDR_Y from the others, and bit 14 TIME_LOW.
const (
	lanes   = 0x0001_0001_0001_0001 // times a word: the word in each of four
	never   = 0x9000 * lanes
	notRow  = 1 << 13
	timeLow = 1 << 14
	off     = (coordMask + 1) * lanes // where a coordinate's sum with a bias runs over

	// Two rows with an event each, which is what there is where little happens.
	kinds   = 0xf000 * lanes
	twoRows = typeAddrX<<60 | typeAddrY<<44 | typeAddrX<<28 | typeAddrY<<12
	between = typeAddrY<<60 | typeAddrX<<44 | typeAddrY<<28 | typeAddrX<<12 // the same, begun one word too late
	rows    = 0x0000_ffff_0000_ffff                                         // their lanes
)

// singles decodes words as long as four at a time are single events and rows on the
// sensor and low parts of time. Which of the three comes next cannot be foretold, so
// that they are told apart by arithmetic: an event is written in any case, and
// counts if the word is one. T and y are time and row before and behind, biasX and
// biasY what coordinates lack to run over when they lie outside, in each lane. It
// gives the bytes taken and the events made.
func singles(data []byte, out []events.Event, base, t int64, y uint32, biasX, biasY uint64) (n, k int, _ int64, _ uint32) {
	for n <= len(data)-4*wordBytes && k <= len(out)-4 {
		q := binary.LittleEndian.Uint64(data[n : n+4*wordBytes])
		if q&kinds == twoRows && (q&(coordMask*lanes)+(biasX&^rows|biasY&rows))&off == 0 {
			y = uint32(q >> 32 & coordMask)
			two := (*[2]events.Event)(out[k : k+2])
			two[0].T, two[1].T = t, t
			two[0].X, two[0].Y = uint16(q>>16&coordMask), uint16(q&coordMask)
			two[0].P = events.Polarity(q >> (16 + onShift) & 1)
			two[1].X, two[1].Y = uint16(q>>48&coordMask), uint16(y)
			two[1].P = events.Polarity(q >> (48 + onShift) & 1)
			n, k = n+4*wordBytes, k+2
			continue
		}
		if q&kinds == between && (q&coordMask+biasX&0xffff)&(coordMask+1) == 0 {
			e := &out[k]
			e.T = t
			e.X, e.Y = uint16(q&coordMask), uint16(y)
			e.P = events.Polarity(q >> onShift & 1)
			n, k = n+wordBytes, k+1
			continue // with the two rows behind it
		}
		// Bit 11 of each lane: is it an event, is it a row, do the coordinates lie outside.
		column := q >> 2 &^ (q >> 3)
		row := ^(q >> 2)
		at := q & (coordMask * lanes)
		if q&never|q>>1&^q&(notRow*lanes)|((at+biasX)&column|(at+biasY)&row)&off != 0 {
			break
		}
		// How many events there are up to each lane: the next one's place. What may
		// be chosen is made before the choice, so that there is nothing to jump over.
		before := column >> 11 & lanes * lanes
		four := (*[4]events.Event)(out[k : k+4])

		w0 := uint32(q)
		v0, t0 := w0&coordMask, base+int64(w0&partMask)
		if w0&notRow == 0 {
			y = v0
		}
		if w0&timeLow != 0 {
			t = t0
		}
		four[0].T = t
		four[0].X, four[0].Y = uint16(v0), uint16(y)
		four[0].P = events.Polarity(w0 >> onShift & 1)

		w1 := uint32(q >> 16)
		v1, t1 := w1&coordMask, base+int64(w1&partMask)
		if w1&notRow == 0 {
			y = v1
		}
		if w1&timeLow != 0 {
			t = t1
		}
		four[before&3].T = t
		four[before&3].X, four[before&3].Y = uint16(v1), uint16(y)
		four[before&3].P = events.Polarity(w1 >> onShift & 1)

		w2 := uint32(q >> 32)
		v2, t2 := w2&coordMask, base+int64(w2&partMask)
		if w2&notRow == 0 {
			y = v2
		}
		if w2&timeLow != 0 {
			t = t2
		}
		four[before>>16&3].T = t
		four[before>>16&3].X, four[before>>16&3].Y = uint16(v2), uint16(y)
		four[before>>16&3].P = events.Polarity(w2 >> onShift & 1)

		w3 := uint32(q >> 48)
		v3, t3 := w3&coordMask, base+int64(w3&partMask)
		if w3&notRow == 0 {
			y = v3
		}
		if w3&timeLow != 0 {
			t = t3
		}
		four[before>>32&3].T = t
		four[before>>32&3].X, four[before>>32&3].Y = uint16(v3), uint16(y)
		four[before>>32&3].P = events.Polarity(w3 >> onShift & 1)
		n += 4 * wordBytes
		k += int(before >> 48)
	}
	return n, k, t, y
}
