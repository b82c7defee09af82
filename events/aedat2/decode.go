package aedat2

import (
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

func address(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// decode takes records into the room of p and tells how many bytes it took. Runs of
// plain events go through a tight loop, whatever interrupts them through another.
func (r *reader) decode(b []byte, p *events.Packet) (n int, err error) {
	first := len(p.Events)
	for err == nil && len(b)-n >= recordBytes && p.Room() > 0 {
		var done int
		if r.layout == layoutDVS128 {
			done = r.dvs128Run(b[n:], p)
		} else {
			done = r.davisRun(b[n:], p)
		}
		n += done * recordBytes
		for event := false; !event && err == nil && len(b)-n >= recordBytes && p.Room() > 0; n += recordBytes {
			event, err = r.one(int64(n), binary.BigEndian.Uint64(b[n:]), p)
		}
	}
	if r.guess {
		r.look(p.Events[first:])
	}
	return n, err
}

// davisRun decodes records of a DAVIS up to the first that is no event on the sensor
// within half a turn of the clock behind the one before it. It gives their number.
func (r *reader) davisRun(b []byte, p *events.Packet) int {
	out := p.Events[len(p.Events):][:min(p.Room(), len(b)/recordBytes)]
	width, height := uint32(r.limit.Width), uint32(r.limit.Height)
	base, last := r.clock.base, int64(r.clock.last)
	k := 0
	for ; k < len(out); k++ {
		w := binary.BigEndian.Uint64(b[k*recordBytes:])
		a, low := uint32(w>>32), int64(uint32(w))
		x, y := a>>davisXShift&davisXMask, a>>davisYShift&davisYMask
		if a&(davisSample|davisTrigger) != 0 || x >= width || y >= height || uint64(low-last) > half {
			break
		}
		last = low
		out[k] = events.Event{T: base + low, X: uint16(x), Y: uint16(y), P: events.Polarity(a >> davisOn & 1)}
	}
	r.clock.last = uint32(last)
	p.Events = p.Events[:len(p.Events)+k]
	return k
}

// dvs128Run is davisRun for a DVS128.
func (r *reader) dvs128Run(b []byte, p *events.Packet) int {
	out := p.Events[len(p.Events):][:min(p.Room(), len(b)/recordBytes)]
	width, height := uint32(r.limit.Width), uint32(r.limit.Height)
	base, last := r.clock.base, int64(r.clock.last)
	k := 0
	for ; k < len(out); k++ {
		w := binary.BigEndian.Uint64(b[k*recordBytes:])
		a, low := uint32(w>>32), int64(uint32(w))
		x, y := dvsSide-1-a>>dvsXShift&dvsMask, a>>dvsYShift&dvsMask
		if a >= dvsTrigger || x >= width || y >= height || uint64(low-last) > half {
			break
		}
		last = low
		out[k] = events.Event{T: base + low, X: uint16(x), Y: uint16(y), P: events.Polarity(^a & dvsPolarity)}
	}
	r.clock.last = uint32(last)
	p.Events = p.Events[:len(p.Events)+k]
	return k
}

// one takes any record, of which there is room for an event, and tells whether it was one.
func (r *reader) one(at int64, w uint64, p *events.Packet) (event bool, err error) {
	a := uint32(w >> 32)
	e := events.Event{T: r.clock.at(uint32(w))}
	if r.layout == layoutDVS128 {
		if a >= dvsTrigger {
			return false, r.countDVS128(at, a)
		}
		e.X, e.Y, e.P = uint16(dvsSide-1-a>>dvsXShift&dvsMask), uint16(a>>dvsYShift&dvsMask), events.Polarity(^a&dvsPolarity)
	} else {
		if a&(davisSample|davisTrigger) != 0 {
			r.skipped.davis(a)
			return false, nil
		}
		e.X, e.Y, e.P = uint16(a>>davisXShift&davisXMask), uint16(a>>davisYShift&davisYMask), events.Polarity(a>>davisOn&1)
	}
	if !r.limit.Contains(e.X, e.Y) {
		return false, &events.FormatError{
			Format: Name, Offset: r.offset + at,
			Want: fmt.Sprintf("an event within %dx%d pixels", r.limit.Width, r.limit.Height),
			Got:  fmt.Sprintf("x %d, y %d", e.X, e.Y),
		}
	}
	p.Events = append(p.Events, e)
	return true, nil
}

func (s *kinds) davis(a uint32) {
	switch {
	case a&davisSample == 0:
		s.trigger++
	case a&davisIMU == davisIMU:
		s.imu++
	default:
		s.frame++
	}
}

// countDVS128 counts what a DVS128 sends beside events.
func (r *reader) countDVS128(at int64, a uint32) error {
	switch {
	case a&dvsSpecial != 0:
		r.skipped.special++
	case a <= dvsBits:
		r.skipped.trigger++
	default:
		return &events.FormatError{
			Format: Name, Offset: r.offset + at,
			Want: "a DVS128's address of 16 bits", Got: fmt.Sprintf("%#x", a),
		}
	}
	return nil
}

// look learns from events how large the sensor must be.
func (r *reader) look(in []events.Event) {
	for _, e := range in {
		r.maxX, r.maxY = max(r.maxX, e.X), max(r.maxY, e.Y)
	}
	r.seen = r.seen || len(in) > 0
}
