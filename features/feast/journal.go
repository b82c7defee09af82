package feast

import (
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// journal is what has come since the layer's memory was that of the engine: enough to compute it again.
type journal struct {
	held    bookkeeping // when it began
	events  []events.Event
	winners []int16 // that the engine gave, of all packets but the one that is being processed
	changes []change
}

// change is what happened to the layer ahead of an event of the journal.
type change struct {
	at       int // the event
	reset    bool
	switched bool // learning, to what follows
	learning bool
}

// journalEvents is how many events are computed again at the most when an engine fails, but for those of a single
// packet that has more: the engine's memories are stored when there would be more.
const journalEvents = 1 << 17

// unanswered stands for a result that has not come. No result is it.
const unanswered int16 = math.MinInt16

// full tells whether the memories must be stored before n events more.
func (j *journal) full(n int) bool {
	return len(j.events) > 0 && len(j.events)+n > journalEvents
}

// empty tells whether nothing has come.
func (j *journal) empty() bool { return len(j.events) == 0 && len(j.changes) == 0 }

// restart forgets what has come: the layer's memory has it.
func (j *journal) restart(l *Layer) {
	j.events, j.winners, j.changes = j.events[:0], j.winners[:0], j.changes[:0]
	j.held.take(l)
}

// begin notes the events of a packet.
func (j *journal) begin(in []events.Event) {
	if j.events == nil {
		j.events, j.winners = make([]events.Event, 0, journalEvents), make([]int16, 0, journalEvents)
		j.changes = slices.Grow(j.changes, 64)
	}
	j.events = append(j.events, in...)
}

// answered notes the results of the packet that was begun.
func (j *journal) answered(winners []int16) { j.winners = append(j.winners, winners...) }

// drop forgets the packet that was begun, or nothing where it was answered.
func (j *journal) drop() { j.events = j.events[:len(j.winners)] }

// note gives the change ahead of the next event.
func (j *journal) note() *change {
	if n := len(j.changes); n > 0 && j.changes[n-1].at == len(j.events) {
		return &j.changes[n-1]
	}
	j.changes = append(j.changes, change{at: len(j.events)})
	return &j.changes[len(j.changes)-1]
}

// replay takes the layer, which is as it was when the journal began, through all that has come, on its kernels. It
// tells how many results are others than the engine gave, and which was the first.
func (j *journal) replay(l *Layer) (wrong int, first Mismatch) {
	winners := make([]int16, len(j.events))
	at := 0
	until := func(end int) {
		l.processAll(j.events[at:end], winners[at:end])
		at = end
	}
	for _, c := range j.changes {
		until(c.at)
		if c.reset {
			l.surface.Reset()
		}
		if c.switched {
			l.setLearning(c.learning)
		}
	}
	until(len(j.events))
	return compare(j.winners, winners)
}

// compare compares results that an engine gave with the right ones.
func compare(given, right []int16) (wrong int, first Mismatch) {
	for i, w := range given {
		if w == unanswered || w == right[i] {
			continue
		}
		if wrong == 0 {
			first = Mismatch{Ago: len(right) - i, Device: w, Right: right[i]}
		}
		wrong++
	}
	return wrong, first
}
