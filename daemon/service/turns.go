package service

import (
	"cmp"
	"container/heap"
	"sync"
	"time"

	"github.com/saccade-dev/saccade/hw"
)

// turns shares the processors among sensors: as many compute at a time as there are processors, and of those that
// wait, that one is next that has computed for the least time. Go's scheduler would give all of them the same slices in
// turn, so that of a hundred sensors that have more to do than they get done each message of a quiet one waited for all
// others; here it waits for one packet.
//
// Time is counted as in start-time fair queueing, from when a turn begins, but that a sensor that comes back begins a
// little before those that compute now: who takes less than his share is always next, and nobody saves up more than
// that by being silent. What it decides is who is next, and no result.
type turns struct {
	mu      sync.Mutex
	free    int
	clock   time.Duration // begin of the turn that was given last
	waiting turnHeap
	arrived uint64
}

// turnCredit is how far a sensor may be behind the others: longer than a message takes as a rule.
const turnCredit = 50 * time.Millisecond

// turn is a sensor's place among turns.
type turn struct {
	used  time.Duration // behind its last turn, on the clock of turns
	begin time.Duration
	order uint64
	ready chan struct{}
}

// begin waits for the sensor's turn.
func (t *turns) begin(own *turn) {
	t.mu.Lock()
	own.begin = max(own.used, t.clock-turnCredit)
	if t.free > 0 { // nobody waits
		t.free--
		t.clock = max(t.clock, own.begin)
		t.mu.Unlock()
		return
	}
	if own.ready == nil {
		own.ready = make(chan struct{}, 1)
	}
	own.order = t.arrived
	t.arrived++
	heap.Push(&t.waiting, own)
	t.mu.Unlock()
	<-own.ready
}

// end gives the turn to the next, and counts how long it took.
func (t *turns) end(own *turn, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own.used = own.begin + max(0, took)
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	next, is := heap.Pop(&t.waiting).(*turn)
	if !is {
		panic(panicTurn)
	}
	t.clock = max(t.clock, next.begin)
	next.ready <- struct{}{}
}

// pass gives the turn to one that waits and has had less, if there is such a one, and waits for it anew. It tells
// whether it did.
func (t *turns) pass(own *turn, took time.Duration) bool {
	t.mu.Lock()
	least := len(t.waiting) == 0 || t.waiting[0].begin >= own.begin+took
	t.mu.Unlock()
	if least {
		return false
	}
	t.end(own, took)
	t.begin(own)
	return true
}

const panicTurn = "service: something else than a turn waits for one"

// turnHeap has the turn that begins first at its top, of several the one that waits longest.
type turnHeap []*turn

func (h turnHeap) Len() int { return len(h) }
func (h turnHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].begin, h[j].begin), cmp.Compare(h[i].order, h[j].order)) < 0
}
func (h turnHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *turnHeap) Push(x any) {
	own, is := x.(*turn)
	if !is {
		panic(panicTurn)
	}
	*h = append(*h, own)
}

// Pop implements [heap.Interface].
func (h *turnHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// compute waits for the sensor's turn, and gives what ends it. A device that is no processor has nobody wait for a
// processor, and one that hangs must not hold up others: its sensor needs no turn.
func (sn *sensor) compute() (done func()) {
	if device, _ := sn.pipe.Device(); !isProcessor(device) {
		return func() {}
	}
	g, t := &sn.guard, &sn.service.guard.turns
	t.begin(&g.turn)
	g.computing = time.Now()
	return func() {
		t.end(&g.turn, time.Since(g.computing))
		g.computing = time.Time{}
	}
}

// computed is called between two packets of a message: a message may be a hundred times as long as another, and
// those who wait are not to wait for the whole of it.
func (sn *sensor) computed() {
	g := &sn.guard
	if g.computing.IsZero() {
		return
	}
	if sn.service.guard.turns.pass(&g.turn, time.Since(g.computing)) {
		g.computing = time.Now()
	}
}

// isProcessor tells whether a device of this name is one of this machine's processors.
func isProcessor(name string) bool {
	for _, t := range hw.Targets() {
		if t.Name() == name {
			_, device := t.(hw.Opener)
			return !device
		}
	}
	return false
}
