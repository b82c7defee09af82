package pool

import (
	"math"

	"github.com/saccade-dev/saccade/events"
)

// Change is one entry of a pool that an event has changed.
type Change struct {
	Index int    // in the vector
	Old   uint32 // the counts before and after
	New   uint32
}

// AddOne does as Add with a single event, and tells which counts it changed: none
// where the event is not counted, one, or with SpreadBilinear up to four, no entry
// twice. They are the first n of out. With SourceEvents the winner is ignored.
func (p *Pool) AddOne(e events.Event, winner int16, out *[4]Change) (n int) {
	x, y := int(e.X), int(e.Y)
	if x >= len(p.col) || y >= len(p.row) {
		return 0
	}
	f := int(winner)
	if p.config.Source == SourceEvents {
		f = int(min(e.P, events.On))
	}
	if f < 0 || f >= p.config.Features {
		return 0
	}
	if p.config.Spread != SpreadBilinear {
		return p.raise(int(p.col[x]+p.row[y])+f, 1, out, 0)
	}
	sx, sy := &p.shareX[x], &p.shareY[y]
	for j := range sy.at {
		for k := range sx.at {
			n = p.raise(int(sy.at[j]+sx.at[k])+f, uint64(sy.part[j])*uint64(sx.part[k]), out, n)
		}
	}
	return n
}

// raise adds to one count and writes down the change, if there is one, as out[n].
func (p *Pool) raise(i int, by uint64, out *[4]Change, n int) int {
	old := p.counts[i]
	p.counts[i] = uint32(min(uint64(old)+by, math.MaxUint32))
	if p.counts[i] == old {
		return n
	}
	out[n] = Change{Index: i, Old: old, New: p.counts[i]}
	return n + 1
}
