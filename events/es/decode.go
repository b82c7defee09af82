package es

import (
	"encoding/binary"
	"math/bits"

	"github.com/saccade-dev/saccade/events"
)

// decodeDVS decodes DVS events into out. It gives how many events it made, how many
// bytes it took, and false when the last event it took lies off the sensor and was
// left out; the time goes on with it all the same.
func (r *reader) decodeDVS(out []events.Event) (made, taken int, inside bool) {
	const (
		size  = 5
		reset = 0xfe
	)
	buf := r.in.Bytes()[:r.in.Len()+slack]
	xMax, yMax := uint32(r.geometry.Width-1), uint32(r.geometry.Height-1)
	t, i, n := r.t, 0, 0
	end := len(buf) - slack
	for n < len(out) && i <= end-size {
		w := binary.LittleEndian.Uint64(buf[i:])
		first := uint8(w)
		if first >= reset {
			k, step := r.between(w, end-i)
			t += step * overflowDVS
			i += k
			continue
		}
		i += size
		t += int64(first >> 1)
		x, y := uint32(w>>8)&0xffff, uint32(w>>24)&0xffff
		if x > xMax || y > yMax {
			r.t = t
			return n, i, false
		}
		// Shifted parts of one word are stored as one.
		xy := x | (yMax-y)<<16
		e := &out[n]
		e.T = t
		e.X, e.Y = uint16(xy), uint16(xy>>16)
		e.P = events.Polarity(first & 1)
		n++
	}
	t, i = r.tail(buf, overflowDVS, t, i, n < len(out))
	r.t = t
	return n, i, true
}

// decodeColour does the same for colour events.
func (r *reader) decodeColour(out []events.Event) (made, taken int, inside bool) {
	const (
		size  = 8
		reset = 0xfe
	)
	buf := r.in.Bytes()[:r.in.Len()+slack]
	xMax, yMax := uint32(r.geometry.Width-1), uint32(r.geometry.Height-1)
	t, i, n := r.t, 0, 0
	end := len(buf) - slack
	for n < len(out) && i <= end-size {
		w := binary.LittleEndian.Uint64(buf[i:])
		first := uint8(w)
		if first >= reset {
			k, step := r.between(w, end-i)
			t += step * overflowColour
			i += k
			continue
		}
		i += size
		t += int64(first)
		x, y := uint32(w>>8)&0xffff, uint32(w>>24)&0xffff
		if x > xMax || y > yMax {
			r.t = t
			return n, i, false
		}
		out[n] = events.Event{T: t, X: uint16(x), Y: uint16(yMax - y)}
		n++
	}
	t, i = r.tail(buf, overflowColour, t, i, n < len(out))
	r.t = t
	return n, i, true
}

// between takes the marks at the beginning of w, of which n bytes count: a reset, or
// all the overflows that stand there at once. It gives the bytes and the overflows.
func (r *reader) between(w uint64, n int) (taken int, overflows int64) {
	if uint8(w) == overflowByte {
		taken = min(bits.TrailingZeros64(^w)/8, n)
		return taken, int64(taken)
	}
	r.resets++
	return 1, 0
}

// tail takes the marks that stand where no whole event is left.
func (r *reader) tail(buf []byte, overflow, t int64, i int, room bool) (time int64, taken int) {
	for room && i < len(buf)-slack && buf[i] >= 0xfe {
		k, step := r.between(uint64(buf[i]), 1)
		t += step * overflow
		i += k
	}
	return t, i
}

// decodeATIS does the same for ATIS events.
func (r *reader) decodeATIS(out []events.Event) (made, taken int, inside bool) {
	const (
		size  = 5
		reset = 0xfc
	)
	buf := r.in.Bytes()[:r.in.Len()+slack]
	xMax, yMax := uint32(r.geometry.Width-1), uint32(r.geometry.Height-1)
	t, i, n := r.t, 0, 0
	inside = true
	for n < len(out) && i < len(buf)-slack {
		w := binary.LittleEndian.Uint64(buf[i:])
		first := uint8(w)
		if first >= reset {
			if first == reset {
				r.resets++
			}
			t += overflowATIS * int64(first-reset)
			i++
			continue
		}
		if len(buf)-slack-i < size {
			break
		}
		i += size
		t += int64(first >> 2)
		x, y := uint32(w>>8)&0xffff, uint32(w>>24)&0xffff
		if x > xMax || y > yMax {
			inside = false
			break
		}
		if first&1 != 0 {
			r.thresholds++
			continue
		}
		out[n] = events.Event{T: t, X: uint16(x), Y: uint16(yMax - y), P: events.Polarity(first >> 1 & 1)}
		n++
	}
	r.t = t
	return n, i, inside
}
