package fpga

import (
	"github.com/saccade-dev/saccade/hw/fpga"
)

import "github.com/saccade-dev/saccade/hw"

// stepLearn follows the last decision that learned.
//
// The event behind it may have been matched with the weights as they were before, or with
// some of both. Its dot product with the neuron that learns is then computed again, from
// each column of new weights as it is written. All other events see either the old
// weights and are decided before, or begin to be matched when the first column is there.
func (d *Device) stepLearn() {
	c, n := d.current, d.next
	l, nl := &c.learn, &n.learn
	if l.age < longLearnt {
		nl.age++
	}
	if l.busy(d.side) {
		d.usage.learn++
	}
	switch {
	case l.age == learnRead:
		nl.reading, nl.slot = uint16(d.side)-1, l.number%slots
	case l.reading > 0:
		nl.reading--
	}
	if nl.reading == 0 && (l.reading > 0 || l.age == learnRead) {
		n.busy &^= 1 << nl.slot
	}
	if l.age == 0 && int32(c.matching-l.number) > 1 && d.contexts[(l.number+1)%slots].bank == l.bank {
		d.attach()
	}
}

// attach has the next event's dot product computed again.
func (d *Device) attach() {
	d.next.learn.attached = true
	d.pending.attach = true
	d.counts[fpga.CountCorrections]++
}

// commitDecision lets the winner learn, and thresholds change.
func (d *Device) commitDecision() {
	p := &d.pending
	t, w := &p.decided, &d.weights
	d.last = int(t.number % matchedAhead)
	if !t.learning {
		return
	}
	b, rates := &w.banks[t.bank], &d.config.Rates[t.bank]
	if p.winner < 0 {
		if p.winner == hw.Missed {
			b.offset -= rates.DeltaE
		}
		return
	}
	k := int(p.winner)
	b.thresholds[k] += rates.DeltaI
	slot := &d.contexts[t.number%slots]
	w.learn(int(t.bank), k, slot.values, hw.NewPull(slot.norm, p.dot, b.squares[k], rates.Eta))
	d.learned = k
}

// correct computes the next event's dot product with the neuron that has learned.
func (d *Device) correct() {
	number := d.current.learn.number + 1
	d.dots[number%matchedAhead][d.learned] = d.weights.dot(int(d.current.learn.bank), d.learned, d.contexts[number%slots].values)
}
