package pool

import (
	"math"

	"github.com/saccade-dev/saccade/events"
)

// share is how a pixel's column, or row, divides an event among two cells.
type share struct {
	at   [2]uint32 // where the cells begin in counts, by this coordinate
	part [2]uint32 // their parts, of twice the cell's side in all
}

// shares makes the table of one coordinate: n pixels in cells of the given side,
// which lie step apart in counts. Towards a border where no further cell is, the
// outermost one takes all.
func shares(n, side, cells, step int) []share {
	out := make([]share, n)
	for i := range out {
		// In units of half a pixel, the pixel's centre less that of cell 0.
		d := 2*i + 1 - side
		low := d / (2 * side)
		high := low + 1
		part := d % (2 * side)
		if d < 0 {
			low, high, part = 0, 0, 0
		}
		if high >= cells {
			low, high, part = cells-1, cells-1, 0
		}
		out[i] = share{
			at:   [2]uint32{uint32(low * step), uint32(high * step)},
			part: [2]uint32{uint32(2*side - part), uint32(part)},
		}
	}
	return out
}

// addShares counts events, or the features that won them, in four cells each.
func (p *Pool) addShares(in []events.Event, winners []int16) {
	raw, features, counts := p.config.Source == SourceEvents, uint32(p.config.Features), p.counts
	shareX, shareY := p.shareX, p.shareY
	if !raw {
		winners = winners[:len(in)]
	}
	for i := range in {
		x, y := int(in[i].X), int(in[i].Y)
		if x >= len(shareX) || y >= len(shareY) {
			continue
		}
		f := uint32(min(in[i].P, events.On))
		if !raw {
			f = uint32(int32(winners[i])) // which is beyond all features where none won
		}
		if f >= features {
			continue
		}
		sx, sy := &shareX[x], &shareY[y]
		top, bottom := sy.at[0]+f, sy.at[1]+f
		add(counts, top+sx.at[0], sy.part[0]*sx.part[0])
		add(counts, top+sx.at[1], sy.part[0]*sx.part[1])
		add(counts, bottom+sx.at[0], sy.part[1]*sx.part[0])
		add(counts, bottom+sx.at[1], sy.part[1]*sx.part[1])
	}
}

// add adds to a count, which saturates. Parts of a cell's side, twice MaxSide at the
// most, have products of 26 bits.
func add(counts []uint32, at, part uint32) {
	sum := counts[at] + part
	if sum < part {
		sum = math.MaxUint32
	}
	counts[at] = sum
}
