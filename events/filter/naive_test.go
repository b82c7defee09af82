package filter_test

import (
	"math/big"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/filter"
)

// naive is both filters as they are meant: every pixel's last event with all of its time,
// and the eight neighbours looked at one by one. Times are big numbers, as the distance of two need not fit in 64 bits.
type naive struct {
	g          events.Geometry
	dt         int64
	background bool
	last       map[[2]int]int64
	newest     *int64
}

func (n *naive) Reset() { n.last, n.newest = map[[2]int]int64{}, nil }

func minus(a, b int64) *big.Int { return new(big.Int).Sub(big.NewInt(a), big.NewInt(b)) }

func (n *naive) Keep(e events.Event) bool {
	if !n.g.Contains(e.X, e.Y) {
		return true
	}
	if n.newest == nil || minus(*n.newest, e.T).Cmp(big.NewInt(filter.TurnedBack.Microseconds())) > 0 {
		n.Reset()
		n.newest = &e.T
	}
	latest := max(*n.newest, e.T)
	n.newest = &latest
	keep := n.keep(e)
	if n.background || keep {
		n.last[[2]int{int(e.X), int(e.Y)}] = e.T
	}
	return keep
}

func (n *naive) keep(e events.Event) bool {
	away := func(x, y int) (*big.Int, bool) {
		t, fired := n.last[[2]int{x, y}]
		return new(big.Int).Abs(minus(e.T, t)), fired
	}
	if !n.background {
		d, fired := away(int(e.X), int(e.Y))
		return !fired || d.Cmp(big.NewInt(n.dt)) >= 0
	}
	for y := -1; y <= 1; y++ {
		for x := -1; x <= 1; x++ {
			if x == 0 && y == 0 {
				continue
			}
			if d, fired := away(int(e.X)+x, int(e.Y)+y); fired && d.Cmp(big.NewInt(n.dt)) <= 0 {
				return true
			}
		}
	}
	return false
}

// full is what both filters are.
type full interface {
	filter.Filter
	Run(*events.Packet) int
	MarshalBinary() ([]byte, error)
	UnmarshalBinary([]byte) error
}

// made is a filter and what it is meant to be.
func made(g events.Geometry, background bool, dt time.Duration) (full, *naive, error) {
	n := &naive{g: g, dt: dt.Microseconds(), background: background}
	n.Reset()
	if background {
		f, err := filter.NewBackground(g, dt)
		return f, n, err
	}
	f, err := filter.NewRefractory(g, dt)
	return f, n, err
}
