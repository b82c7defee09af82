package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// DefaultAuditEvery is what an [Options] without a number stands for.
const DefaultAuditEvery = 1 << 18

// auditShare bounds what audits cost: there are so many events at least for each word that one reads.
const auditShare = 16

// auditDue tells whether the memories are to be read back behind this call. It is better done behind an event that has
// competed, whose dot products can be made again.
func (e *engine) auditDue() bool {
	every := uint64(max(e.options.AuditEvery, 0))
	if e.options.AuditEvery == 0 {
		every = max(DefaultAuditEvery, uint64(auditShare*e.shadow.words()))
	}
	since := e.sent - e.shadow.audited
	return e.options.AuditEvery >= 0 && since >= every && (e.shadow.probe.valid || since >= 2*every)
}

// audit reads the device's memories and compares them with what they must hold. What is learned meanwhile it can only
// compare with itself: the sums of squares are those of the weights, and an event's dot products are theirs with its
// patch. So damage to weights that are being learned may be learned from before it is seen; damage to all else
// stays until it is.
func (e *engine) audit() error {
	s, c := &e.shadow, &e.layer
	if err := e.idle(); err != nil {
		return err
	}
	got := make([]uint32, max(len(s.cells), len(s.master)))
	if err := e.reads(WindowSurface, got[:len(s.cells)]); err != nil {
		return err
	}
	for i, want := range s.cells {
		if got[i] != want {
			return &AuditError{What: "stamp", Place: i, Expected: int64(want), Found: int64(got[i])}
		}
	}
	if err := e.reads(WindowThresholds, got[:len(s.thresholds)]); err != nil {
		return err
	}
	for i, v := range s.thresholds {
		if want := v + s.offsets[i/c.Neurons]; int32(got[i]) != want {
			return &AuditError{What: "threshold", Place: i, Expected: int64(want), Found: int64(int32(got[i]))}
		}
	}
	if err := e.reads(WindowMaster, got[:len(s.master)]); err != nil {
		return err
	}
	for i, want := range s.master {
		if v := int32(got[i]); s.known && v != want {
			return &AuditError{What: "frozen weight", Place: i, Expected: int64(want), Found: int64(v)}
		}
		s.master[i] = int32(got[i])
	}
	s.known = true
	if err := e.auditSquares(got[:len(s.thresholds)]); err != nil {
		return err
	}
	if err := e.auditDots(got[:c.Neurons]); err != nil {
		return err
	}
	s.audited = e.sent
	return e.park()
}

// reads reads a memory from its beginning.
func (e *engine) reads(window uint32, into []uint32) error {
	return e.through(part{window: window, words: into}, func(words []uint32, at int) error {
		if err := e.bulk.ReadAt(RegData, words); err != nil {
			return err
		}
		copy(into[at:], words)
		return nil
	})
}

// auditSquares compares the sums of squares with those of the weights.
func (e *engine) auditSquares(got []uint32) error {
	if err := e.reads(WindowSquares, got); err != nil {
		return err
	}
	elements := len(e.shadow.master) / len(got)
	for k, found := range got {
		var sum uint32
		for _, m := range e.shadow.master[k*elements:][:elements] {
			w := int32(hw.MatchWeight(m))
			sum += uint32(w * w)
		}
		if sum != found {
			return &AuditError{What: "sum of squares", Place: k, Expected: int64(sum), Found: int64(found)}
		}
	}
	return nil
}

// auditDots makes the dot products of the last event again, where that can be done. The match weights, which cannot be
// read, and the multipliers are in them.
func (e *engine) auditDots(got []uint32) error {
	s, c := &e.shadow, &e.layer
	if !s.probe.valid {
		return nil
	}
	if err := e.again(s.probe.event); err != nil {
		return err
	}
	if err := e.reads(WindowDots, got); err != nil {
		return err
	}
	patch := e.patch()
	for k, found := range got {
		var sum int32
		for i, m := range s.master[(s.probe.bank*c.Neurons+k)*len(patch):][:len(patch)] {
			sum += int32(patch[i]) * int32(hw.MatchWeight(m))
		}
		if sum != int32(found) {
			return &AuditError{What: "dot product of neuron", Place: k, Expected: int64(sum), Found: int64(int32(found))}
		}
	}
	return nil
}

// again sends the last event once more, while nothing is learned: with its own stamp, it changes nothing, and behind it
// the device shows dot products with the weights as they are now.
func (e *engine) again(ev hw.EngineEvent) error {
	learning, selecting := e.learning, e.selecting
	e.learning, e.selecting = false, false
	e.words = append(e.words, CommandWord, SetMode(false, false))
	var winner [1]int16
	if err := e.stream([]hw.EngineEvent{ev}, winner[:]); err != nil {
		return err
	}
	e.learning, e.selecting = learning, selecting
	e.words = append(e.words, CommandWord, SetMode(learning, selecting))
	return e.stream(nil, nil)
}

// patch is the context of the event that is probed.
func (e *engine) patch() []int16 {
	p, c, side := &e.shadow.probe, &e.layer, 2*e.layer.Radius+1
	out, now := make([]int16, side*side), p.event.Stamp
	for i := range out {
		x, y := int(p.event.X)-c.Radius+i%side, int(p.event.Y)-c.Radius+i/side
		var cell uint32 // beyond the border nothing ever fired
		if x >= 0 && y >= 0 && x < c.Geometry.Width && y < c.Geometry.Height {
			cell = e.shadow.cells[(p.bank*c.Geometry.Height+y)*c.Geometry.Width+x]
		}
		out[i] = c.Decay.Value(now - min(cell, now))
	}
	return out
}

// AuditError says that a memory of the device, or what it computed, is not what it must be.
type AuditError struct {
	What            string
	Place           int // in the order of the memory's window, or the neuron
	Expected, Found int64
}

func (e *AuditError) Error() string {
	return fmt.Sprintf("fpga: reading back: %s %d: expected %d, found %d", e.What, e.Place, e.Expected, e.Found)
}
