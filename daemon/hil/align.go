package hil

import (
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// aligned are the results of a batch, each beside the event whose number it has.
type aligned struct {
	results []hwfpga.Result // one an event
	there   []bool          // whether it came
	stray   int             // words that belong to no event
}

// aligner finds the results of a batch in words that a link may have lost, repeated or changed. A word begins a
// result where it has the number of an event that is still to come and an answer that there is, and what stands where
// the next result must begin does so too; or where it is the very next number and no part of it is missing as
// far as can be seen. What lies in between is stray.
type aligner struct {
	raw      []uint32
	seq      uint16 // of the first event
	features int
	per      int // words of a result
	next     int // event
	aligned
}

func align(raw []uint32, seq uint16, n, features int, detail bool) aligned {
	a := aligner{raw: raw, seq: seq, features: features, per: 1, aligned: aligned{results: make([]hwfpga.Result, n), there: make([]bool, n)}}
	if detail {
		a.per = 3
	}
	for at := 0; at < len(raw); {
		at += a.step(at)
	}
	return a.aligned
}

// begins tells which event's result a word can begin.
func (a *aligner) begins(at int) (event int, ok bool) {
	if at >= len(a.raw) {
		return 0, false
	}
	w := a.raw[at]
	event = int(uint16(w>>16) - a.seq)
	winner := int16(uint16(w))
	return event, event >= a.next && event < len(a.there) && winner >= hwfpga.Refused && int(winner) < a.features
}

// fits tells whether what stands behind the result of an event at a place can follow it: the end, a mark or a later
// result.
func (a *aligner) fits(at, event int) bool {
	behind := at + a.per
	if behind >= len(a.raw) {
		return behind == len(a.raw)
	}
	follower, ok := a.begins(behind)
	return uint16(a.raw[behind]) == markWinner || ok && follower > event
}

// step takes what stands at a place, and says how many words it was.
func (a *aligner) step(at int) int {
	event, ok := a.begins(at)
	if ok && !a.fits(at, event) {
		ok = event == a.next && at+a.per <= len(a.raw)
		for k := 1; k < a.per && ok; k++ {
			if follower, begins := a.begins(at + k); begins && follower == event+1 && a.fits(at+k, follower) {
				a.stray += k // the rest of it was lost
				return k
			}
		}
	}
	switch {
	case ok:
		r := hwfpga.Result{Seq: uint16(a.raw[at] >> 16), Winner: int16(uint16(a.raw[at]))}
		if a.per == 3 {
			r.Dot, r.Norm = int32(a.raw[at+1]), a.raw[at+2]
		}
		a.results[event], a.there[event] = r, true
		a.next = event + 1
		return a.per
	case uint16(a.raw[at]) != markWinner:
		a.stray++
	}
	return 1
}
