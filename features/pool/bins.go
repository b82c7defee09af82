package pool

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// MaxBins bounds a histogram over time.
const MaxBins = 1024

// BinsConfig is what a histogram over space and time counts.
type BinsConfig struct {
	Pool Config // how each bin counts and presents its counts
	// Edges are the times at which one bin ends and the next begins, in
	// microseconds since the first event, ascending and above 0. The last bin has
	// no end, and no edges make one bin.
	Edges []int64
}

// Validate tells what is wrong with a configuration, nil if nothing is.
func (c BinsConfig) Validate() error {
	if err := c.Pool.Validate(); err != nil {
		return err
	}
	if len(c.Edges) >= MaxBins {
		return fmt.Errorf("pool: %d bins: expected %d at most", len(c.Edges)+1, MaxBins)
	}
	before := int64(0)
	for i, e := range c.Edges {
		if e <= before {
			return fmt.Errorf("pool: edge %d at %d us: expected a time above %d us", i, e, before)
		}
		before = e
	}
	p := c.Pool.withDefaults()
	cols, rows := p.cells()
	if n := int64(cols) * int64(rows) * int64(p.Features) * int64(len(c.Edges)+1); n > MaxLen {
		return fmt.Errorf("pool: %d bins make a vector of %d: at most %d", len(c.Edges)+1, n, MaxLen)
	}
	return nil
}

// Bins is a histogram over space and time: a pool for each bin of the time since
// the first event, so that what a camera saw first and what it saw later are told
// apart. Its vector is the pools' vectors in a row, the earliest first, each
// normalised on its own. The recordings of N-MNIST have three saccades of 105 ms,
// each along another direction, for which the edges are 105,000 and 210,000.
//
// Make one with NewBins, or let UnmarshalBinary fill a zero Bins. It is not safe
// for concurrent use.
type Bins struct {
	edges   []int64
	pools   []*Pool
	started bool
	start   int64 // the time of the first event
}

// NewBins makes an empty histogram.
func NewBins(c BinsConfig) (*Bins, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	b := &Bins{edges: slices.Clone(c.Edges), pools: make([]*Pool, len(c.Edges)+1)}
	for i := range b.pools {
		p, err := New(c.Pool)
		if err != nil {
			return nil, err
		}
		b.pools[i] = p
	}
	return b, nil
}

// AsBins is the pool as a histogram of one bin, for what takes one: both count in the
// same place, and the pool's state is all the state that there is.
func (p *Pool) AsBins() *Bins { return &Bins{pools: []*Pool{p}} }

// Config is the configuration with its defaults filled in.
func (b *Bins) Config() BinsConfig {
	if len(b.pools) == 0 {
		return BinsConfig{}
	}
	return BinsConfig{Pool: b.pools[0].config, Edges: slices.Clone(b.edges)}
}

// Bins is the number of bins.
func (b *Bins) Bins() int { return len(b.pools) }

// Len is the length of the vector: bins times cells times features.
func (b *Bins) Len() int {
	if len(b.pools) == 0 {
		return 0
	}
	return len(b.pools) * b.pools[0].Len()
}

// Reset forgets all events; the next one begins bin 0.
func (b *Bins) Reset() {
	b.started, b.start = false, 0
	for _, p := range b.pools {
		p.Reset()
	}
}

// Add counts the events of a packet as [Pool.Add] does, each in the bin of its own
// time. Events before the first are in bin 0.
func (b *Bins) Add(in []events.Event, winners []int16) {
	if len(b.pools) == 0 || len(in) == 0 {
		return
	}
	raw := b.pools[0].config.Source == SourceEvents
	if !raw && len(winners) != len(in) {
		panic(PanicWinners)
	}
	for len(in) > 0 {
		low, high, bin := b.span(in[0].T)
		n := 1
		for n < len(in) && in[n].T >= low && in[n].T < high {
			n++
		}
		if raw {
			b.pools[bin].Add(in[:n], nil)
		} else {
			b.pools[bin].Add(in[:n], winners[:n])
			winners = winners[n:]
		}
		in = in[n:]
	}
}

// AddOne does as Add with a single event and tells what it changed, as
// [Pool.AddOne] does; indices are those of the bin, times its number times the
// length of a pool further on in the vector.
func (b *Bins) AddOne(e events.Event, winner int16, out *[4]Change) (bin, n int) {
	if len(b.pools) == 0 {
		return 0, 0
	}
	_, _, bin = b.span(e.T)
	return bin, b.pools[bin].AddOne(e, winner, out)
}

// span is the bin of a time, and the times from low to below high that share it.
// The first time ever asked for is where bin 0 begins.
func (b *Bins) span(t int64) (low, high int64, bin int) {
	if !b.started {
		b.started, b.start = true, t
	}
	low, high = math.MinInt64, math.MaxInt64
	for bin < len(b.edges) {
		edge := b.start + b.edges[bin]
		if edge < b.start { // beyond the end of time
			break
		}
		if t < edge {
			high = edge
			break
		}
		low = edge
		bin++
	}
	return low, high, bin
}

// Vector writes the bins' vectors in a row into dst, which is made anew if it is
// too short, and returns it.
func (b *Bins) Vector(dst []float32) []float32 {
	dst = sized(dst, b.Len())
	at := 0
	for _, p := range b.pools {
		n := p.Len()
		p.Vector(dst[at : at+n : at+n])
		at += n
	}
	return dst
}

// Counts copies the counts of a bin, as [Pool.Counts] does.
func (b *Bins) Counts(bin int, dst []uint32) []uint32 { return b.pools[bin].Counts(dst) }
