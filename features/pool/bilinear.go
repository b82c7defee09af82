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
	raw, features, counts := p.config.Source == SourceEvents, p.config.Features, p.counts
	for i := range in {
		x, y := int(in[i].X), int(in[i].Y)
		if x >= len(p.shareX) || y >= len(p.shareY) {
			continue
		}
		f := int(min(in[i].P, events.On))
		if !raw {
			f = int(winners[i])
		}
		if f < 0 || f >= features {
			continue
		}
		sx, sy := &p.shareX[x], &p.shareY[y]
		for j := range sy.at {
			for k := range sx.at {
				n := &counts[sy.at[j]+sx.at[k]+uint32(f)]
				*n = uint32(min(uint64(*n)+uint64(sy.part[j])*uint64(sx.part[k]), math.MaxUint32))
			}
		}
	}
}
