package feast

import (
	"github.com/saccade-dev/saccade/features/surface"
	"github.com/saccade-dev/saccade/hw"
)

// private is a layer with what changes at every event, on cache lines that hold
// nothing else. Layers that work at once, of several sensors or of one, otherwise
// take lines from each other as the allocator has it: 2 to 4 % of the time was
// measured on two cores behind one cache, and others are further apart.
type private struct {
	_       [lines]byte
	layer   Layer
	surface surface.Surface
	banks   [2]bank
	waiting [2]struct {
		steps  [chunk]hw.Step
		events [chunk]int32
	}
	_ [lines]byte
}

// lines is two cache lines: some machines fetch them in pairs.
const lines = 128

// newPrivate makes the memory of a layer; its surface and banks are empty.
func newPrivate(c Config) *private {
	p := &private{}
	p.layer.surface, p.layer.banks = &p.surface, p.banks[:c.Banks()]
	for i := range p.layer.banks {
		p.banks[i].steps, p.banks[i].events = &p.waiting[i].steps, &p.waiting[i].events
	}
	p.layer.counters.Wins, p.layer.counters.BankMissed = counts(c.Features()), counts(c.Banks())
	return p
}

// counts makes n counters. The allocator begins what is whole lines on one.
func counts(n int) []uint64 {
	const line = lines / 2 / 8
	return make([]uint64, n, (n+line-1)/line*line)
}
