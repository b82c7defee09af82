package pool

import (
	"math"

	"github.com/saccade-dev/saccade/events"
)

// Pool counts features by cell. Make one with New, or let UnmarshalBinary fill a
// zero Pool. It is not safe for concurrent use.
type Pool struct {
	config Config
	counts []uint32
	// Where a pixel's column and row begin in counts: a pixel's cell is at
	// col[x] + row[y]. Two small tables cost less than two divisions an event.
	col, row []uint32
	// With SpreadBilinear, an event's parts by column and by row.
	shareX, shareY []share
}

// PanicWinners is the panic of Add for winners that are not parallel to events.
const PanicWinners = "pool: a packet needs one winner an event"

// New makes an empty pool.
func New(c Config) (*Pool, error) {
	c = c.withDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	cols, rows := c.cells()
	p := &Pool{
		config: c,
		counts: make([]uint32, cols*rows*c.Features),
		col:    make([]uint32, c.Geometry.Width),
		row:    make([]uint32, c.Geometry.Height),
	}
	for x := range p.col {
		p.col[x] = uint32(x / c.CellWidth * c.Features)
	}
	for y := range p.row {
		p.row[y] = uint32(y / c.CellHeight * cols * c.Features)
	}
	if c.Spread == SpreadBilinear {
		p.shareX = shares(c.Geometry.Width, c.CellWidth, cols, c.Features)
		p.shareY = shares(c.Geometry.Height, c.CellHeight, rows, cols*c.Features)
	}
	return p, nil
}

// Config is the configuration with its defaults filled in.
func (p *Pool) Config() Config { return p.config }

// Len is the length of the vector: cells times features.
func (p *Pool) Len() int { return len(p.counts) }

// Cells is the size of the grid in cells.
func (p *Pool) Cells() (cols, rows int) {
	if len(p.counts) == 0 {
		return 0, 0
	}
	return p.config.cells()
}

// Index is the place in the vector of a feature in the cell of column col and
// row row, all counted from 0.
func (p *Pool) Index(feature, col, row int) int {
	cols, rows := p.Cells()
	if feature < 0 || col < 0 || row < 0 || feature >= p.config.Features || col >= cols || row >= rows {
		panic(PanicIndex)
	}
	return (row*cols+col)*p.config.Features + feature
}

// PanicIndex is the panic of Index for a feature or cell that the pool has not.
const PanicIndex = "pool: no such feature or cell"

// Reset forgets all counts.
func (p *Pool) Reset() { clear(p.counts) }

// Add counts the events of a packet. With SourceFeatures winners holds one entry
// an event: the feature that won, or a negative number for an event that none
// won, which is not counted. With SourceEvents winners is ignored and may be nil.
func (p *Pool) Add(in []events.Event, winners []int16) {
	if p.config.Source == SourceFeatures && len(winners) != len(in) {
		panic(PanicWinners)
	}
	switch {
	case p.config.Spread == SpreadBilinear:
		p.addShares(in, winners)
	case p.config.Source == SourceEvents:
		p.addEvents(in)
	default:
		p.addFeatures(in, winners)
	}
}

// addFeatures counts winners. Whether an event has a winner is the one thing
// here that a branch predictor cannot know, so an event without one adds zero to
// feature 0 of its cell instead of branching.
func (p *Pool) addFeatures(in []events.Event, winners []int16) {
	winners = winners[:len(in)]
	col, row, counts, features := p.col, p.row, p.counts, uint32(p.config.Features)
	for i := range in {
		x, y := int(in[i].X), int(in[i].Y)
		if x >= len(col) || y >= len(row) {
			continue
		}
		w := int32(winners[i])
		none := w >> 31 // all ones without a winner
		f := uint32(w &^ none)
		if f >= features {
			continue
		}
		n := &counts[col[x]+row[y]+f]
		if *n != math.MaxUint32 {
			*n += uint32(1 + none)
		}
	}
}

// addEvents counts polarities; as everywhere, any polarity but Off is ON.
func (p *Pool) addEvents(in []events.Event) {
	col, row, counts := p.col, p.row, p.counts
	for i := range in {
		x, y := int(in[i].X), int(in[i].Y)
		if x >= len(col) || y >= len(row) {
			continue
		}
		n := &counts[col[x]+row[y]+uint32(min(in[i].P, events.On))]
		if *n != math.MaxUint32 {
			*n++
		}
	}
}

// Counts copies the counts, in the order of the vector, into dst, which is made
// anew if it is too short, and returns it.
func (p *Pool) Counts(dst []uint32) []uint32 {
	dst = sized(dst, len(p.counts))
	copy(dst, p.counts)
	return dst
}

// Vector writes the counts, transformed and normalised, into dst, which is made
// anew if it is too short, and returns it with the length Len. The pool keeps
// its counts.
func (p *Pool) Vector(dst []float32) []float32 {
	dst = sized(dst, len(p.counts))
	root := p.config.Transform == TransformSqrt
	length := 1.0
	if p.config.Norm == NormL2 {
		if length = p.length(root); length == 0 {
			clear(dst)
			return dst
		}
	}
	for i, n := range p.counts {
		v := float64(n)
		if root && n > 1 {
			v = math.Sqrt(v)
		}
		dst[i] = float32(v / length)
	}
	return dst
}

// length is the Euclidean length of the transformed counts. Of square roots it
// is the square root of the sum of the counts, which is exact.
func (p *Pool) length(root bool) float64 {
	if root {
		var sum uint64 // at most 2^24 counts below 2^32
		for _, n := range p.counts {
			sum += uint64(n)
		}
		return math.Sqrt(float64(sum))
	}
	var sum float64
	for _, n := range p.counts {
		v := float64(n)
		sum += float64(v * v) // the conversion keeps the compiler from fusing
	}
	return math.Sqrt(sum)
}

func sized[T any](dst []T, n int) []T {
	if cap(dst) < n {
		return make([]T, n)
	}
	return dst[:n]
}
