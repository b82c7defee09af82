package feast

import (
	"sync"
	"sync/atomic"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// SetWorkers lets up to n goroutines share each packet of some length, the caller's
// among them; a layer starts with one. The results, the counters and the state are
// the same bits for any number.
//
// With frozen features, the events of a packet are shared by all workers. While
// learning, an event rests on what those before it have taught, and only the
// polarities of a layer in mode [Split] go beside each other: two workers at the
// most. Either way each worker beyond the first keeps a copy of the surfaces. What
// changes these in between, [Layer.Reset], a state put back or learning that others
// had no part in, costs each of them one copying of the surfaces, at the next packet
// that is shared.
//
// On a layer whose device takes its events it has no effect, until that fails or is given back.
//
// Goroutines are started by Process, which returns when they have ended. SetWorkers
// panics where n is below 1.
func (l *Layer) SetWorkers(n int) {
	switch {
	case n < 1:
		panic(PanicWorkers)
	case n == 1:
		l.split = nil
	default:
		l.split = &split{workers: n, from: splitFrom(l.config)}
	}
}

// Workers is how many goroutines a packet may be shared among.
func (l *Layer) Workers() int {
	if l.split == nil {
		return 1
	}
	return l.split.workers
}

// PanicWorkers is the panic of SetWorkers for less than one.
const PanicWorkers = "feast: SetWorkers needs one worker or more"

// split is how a layer's packets are shared among goroutines.
//
// An event's context rests on the surface as the events before it have left it, and
// on nothing else that changes while features are frozen. So each worker has all
// cells to itself, and fires all events in their order; but only some of the events
// it takes through the rule. What a worker does not take costs it a few
// nanoseconds, about a fortieth of what it does take. Times are mapped to stamps by
// each worker on its own, too, so that all surfaces stay equal whatever time does.
type split struct {
	workers int
	from    int     // the length from which on packets are shared
	twins   []*twin // the workers but for the layer itself; made when they are needed

	// Of the packet that is being shared.
	in      []events.Event
	winners []int16
	byBank  bool         // each worker takes a bank; otherwise whoever is free takes the next block
	block   int          // events that are taken at once
	taken   atomic.Int64 // events that somebody has taken
	running sync.WaitGroup
}

// twin is a worker: a layer that shares what was learned with the one whose packets
// it shares, and has a surface, counters and memory of its own.
type twin struct {
	*private
	equal bool   // its surface is equal to the layer's
	run   func() // takes its share of a packet, and is a field so that starting it allocates nothing
}

// A packet is shared where that saves more than it takes to wake a worker, which is
// 10 to 150 us. An event costs as much as eventWork multiplications of weights, and
// those of its match.
const (
	eventWork = 1 << 12
	splitWork = 12 << 20
)

// splitFrom is the length from which on packets are shared.
func splitFrom(c Config) int {
	return max(2*smallestBlock, splitWork/(eventWork+c.Neurons*c.Elements()))
}

// smallestBlock bounds what it costs to take a block.
const smallestBlock = 32

// processSplit is processAll for a layer with workers.
func (l *Layer) processSplit(in []events.Event, winners []int16) {
	s := l.split
	s.byBank = l.learning
	helpers := s.workers - 1
	if s.byBank {
		helpers = len(l.banks) - 1
	}
	for _, t := range s.twins[min(helpers, len(s.twins)):] {
		t.equal = false
	}
	if len(in) < s.from || helpers == 0 {
		l.processAll(in, winners)
		for _, t := range s.twins {
			// This costs less than copying the surface would at the next packet that
			// is shared, and streams have packets of all lengths.
			if t.equal {
				t.layer.fire(in)
			}
		}
		return
	}
	for len(s.twins) < helpers {
		s.twins = append(s.twins, s.newTwin(l))
	}
	s.in, s.winners = in, winners
	// So many blocks that nobody waits long for the last.
	s.block = min(chunk, max(smallestBlock, len(in)/(4*s.workers)))
	s.taken.Store(0)
	s.running.Add(helpers)
	for _, t := range s.twins[:helpers] {
		t.takeOver(l)
		t.layer.banks[0].elsewhere = s.byBank
		if s.byBank {
			t.layer.banks[1].takeRates(&l.banks[1])
		}
		go t.run()
	}
	if s.byBank {
		l.banks[1].elsewhere = true
		l.processAll(in, winners)
		l.banks[1].elsewhere = false
	} else {
		l.share(s)
	}
	s.running.Wait()
	for _, t := range s.twins[:helpers] {
		l.counters.move(&t.layer.counters)
	}
	if s.byBank {
		l.banks[1].takeRates(&s.twins[0].layer.banks[1])
	}
	s.in, s.winners = nil, nil
}

// share takes blocks of the packet through the rule as long as there are any, and
// fires the events of the others' blocks.
func (l *Layer) share(s *split) {
	for done := 0; ; {
		from := min(int(s.taken.Add(int64(s.block)))-s.block, len(s.in))
		l.fire(s.in[done:from])
		if from == len(s.in) {
			return
		}
		done = min(from+s.block, len(s.in))
		l.process(s.in[from:done], s.winners[from:done])
	}
}

// fire lets the cells of events take their stamps, and no more.
func (l *Layer) fire(in []events.Event) {
	g := &l.grid
	for i := range in {
		e := &in[i]
		plane := uint32(uint8(e.P)&g.mask - g.first)
		if uint32(e.X) >= g.width || uint32(e.Y) >= g.height || plane > g.planes {
			continue
		}
		t := e.T
		if g.index {
			t = l.surface.Newest() + 1
		}
		now, ok := l.surface.TryStamp(t) // which, unlike Stamp, is inlined
		if !ok {
			now = l.surface.Stamp(t)
		}
		l.surface.Cells[l.surface.Index(int(plane), e.X, e.Y)] = now
	}
}

func (s *split) newTwin(l *Layer) *twin {
	t := &twin{private: newPrivate(l.config)}
	twinned, own := &t.layer, t.layer
	*twinned = *l
	twinned.surface, twinned.banks, twinned.counters, twinned.split, twinned.device = own.surface, own.banks, own.counters, nil, nil
	twinned.surface.Cells = make([]uint32, len(l.surface.Cells))
	for i, b := range l.banks {
		// A new bank for its memory to work in; what was learned is the layer's.
		memory := hw.NewBank(b.Patch, nil, b.Neurons)
		bank := *b.Bank
		bank.Cells, bank.Contexts, bank.Dots = twinned.surface.Cells, memory.Contexts, memory.Dots
		twinned.banks[i].Bank = &bank
	}
	t.run = func() {
		if s.byBank {
			t.layer.processAll(s.in, s.winners)
		} else {
			t.layer.share(s)
		}
		s.running.Done()
	}
	return t
}

// takeOver makes the twin's surface equal to the layer's.
func (t *twin) takeOver(l *Layer) {
	if t.equal {
		return
	}
	to := t.layer.surface
	cells := to.Cells
	copy(cells, l.surface.Cells)
	*to = *l.surface
	to.Cells = cells
	t.equal = true
}

// setLearning tells the workers that the layer's learning was turned on or off.
func (s *split) setLearning(on bool) {
	if s == nil {
		return
	}
	for _, t := range s.twins {
		t.layer.setLearning(on)
	}
}

// surfaceChanged says that the layer's surface is not what its packets have made it.
func (s *split) surfaceChanged() {
	if s == nil {
		return
	}
	for _, t := range s.twins {
		t.equal = false
	}
}

// move adds other counters and clears them.
func (c *Counters) move(from *Counters) {
	c.Add(*from)
	clear(from.Wins)
	clear(from.BankMissed)
	*from = Counters{Wins: from.Wins, BankMissed: from.BankMissed}
}
