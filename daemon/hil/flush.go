package hil

import (
	"context"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// anomaly is the first thing of a batch that was not as it should be.
type anomaly struct {
	event int64 // at which it was seen, or behind which
	how   string
}

// flush sends the batch, compares what comes back, and begins a new one.
func (r *runner) flush(ctx context.Context) error {
	if err := r.agree(); err != nil {
		return err
	}
	b, s := &r.batch, r.session
	err := s.exchange(ctx, b)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return r.gone(err)
	}
	if b.extra > 0 {
		r.golden.Word(flushWord)
	}
	if !b.whole {
		if err := s.sync(ctx, b); err != nil {
			return r.gone(err)
		}
	}
	found := r.compare(b)
	if err := r.look(ctx, b, &found); err != nil {
		return r.gone(err)
	}
	r.attribute(b, found)
	r.report.Events += int64(len(b.events))
	r.report.Words += int64(len(b.words))
	r.report.Batches++
	if r.options.progress != nil {
		r.options.progress(r.report.Events)
	}
	if found.how != "" && r.config.Compare.After == Stop {
		r.report.Ended = fmt.Sprintf("at the first mismatch, event %d: %s", found.event, found.how)
		return errEnded
	}
	if found.how != "" && r.config.Compare.After == Resync {
		if err := r.resync(); err != nil {
			return r.gone(err)
		}
	}
	r.begin()
	return nil
}

// gone ends the run where the device cannot be talked to any more. The batch that was under way is lost.
func (r *runner) gone(err error) error {
	r.attribute(&r.batch, anomaly{event: r.report.Events, how: "the device is gone"})
	return r.ended(err)
}

// compare judges every event of a batch.
func (r *runner) compare(b *batch) (first anomaly) {
	c := &r.report.Counts
	features := r.session.config.Banks() * r.session.config.Neurons
	n := len(b.events)
	a := align(b.raw, b.seq, n+b.extra, features, r.session.config.Detail)
	if !b.whole {
		a.stray = max(0, a.stray-r.session.answerWords()) // of what brought the device into step
	}
	c.Stray += int64(a.stray)
	for i := range b.events {
		e := &b.events[i]
		r.report.Map.seen(e.number)
		if e.want.Winner >= hw.Missed || e.want.Winner == hw.Noise {
			c.Competed++
		}
		d := r.config.Compare.judge(&e.want, a.results[i], a.there[i])
		c.count(d)
		if !d.mismatch() {
			continue
		}
		r.report.Map.add(e.number, e.event.X, e.event.Y)
		if first.how == "" {
			first = anomaly{event: e.number, how: d.String()}
		}
		if r.report.First == nil {
			m := b.describe(i, r.stream0[e.recording].name, a.results[i], a.there[i])
			m.What = d.String()
			r.report.First = m
			kept := *b
			kept.events, kept.words = slices.Clone(b.events), slices.Clone(b.words)
			r.firstOf, r.firstAt = &kept, i
		}
	}
	if first.how == "" && a.stray > 0 {
		first = anomaly{event: b.events[n-1].number, how: "words that belong to no event"}
	}
	if b.whole {
		r.times(b)
	}
	return first
}

func (c *Counts) count(d difference) {
	for _, of := range []struct {
		is   bool
		into *int64
	}{{d.mismatch(), &c.Mismatches}, {d.winner, &c.Winners}, {d.tie, &c.Ties}, {d.dot, &c.Dots}, {d.norm, &c.Norms}, {d.lost, &c.Lost}} {
		if of.is {
			*of.into++
		}
	}
	if !d.winner {
		c.DotMost = max(c.DotMost, d.off)
	}
}

// times counts how long the host waited for each event of a batch.
func (r *runner) times(b *batch) {
	per := r.session.answerWords()
	k := 0
	for i, at := range b.sentAt {
		for b.gotAt[k].words < (i+1)*per {
			k++
		}
		r.host0.Add(uint64(max(0, b.gotAt[k].at.Sub(at).Nanoseconds())))
	}
}

// look asks the device, behind a batch, what it says of itself.
func (r *runner) look(ctx context.Context, b *batch, found *anomaly) error {
	s := r.session
	note := func(how string) {
		if found.how == "" {
			*found = anomaly{event: b.events[len(b.events)-1].number, how: how}
		}
	}
	for i, which := range []int{hwfpga.CountDroppedIn, hwfpga.CountDroppedOut} {
		n, err := counter(s.plain, which)
		if err != nil {
			return err
		}
		if n != r.dropped[i] {
			note("the device's counters of what it dropped")
		}
		r.dropped[i] = n
	}
	r.report.Counts.DroppedIn, r.report.Counts.DroppedOut = int64(r.dropped[0]), int64(r.dropped[1])
	seen, err := counter(s.plain, hwfpga.CountEvents)
	if err != nil {
		return err
	}
	if sent := r.golden.seq + b.flushes; uint16(seen) != sent {
		if fewer := int16(sent - uint16(seen)); fewer > 0 {
			r.report.Counts.Missing += int64(fewer)
		}
		note("the device's counter of events")
	}
	r.golden.seq = uint16(seen)
	if said := complaint(s.plain, "behind a batch"); said != nil {
		note("the device's error register")
		if text := said.Error(); !slices.Contains(r.report.Complaints, text) && len(r.report.Complaints) < maxComplaints {
			r.report.Complaints = append(r.report.Complaints, text)
		}
	}
	if r.config.Compare.Memories == Batches {
		if err := r.remember(ctx); err != nil {
			return err
		}
		if !r.report.Memory.Same() {
			note("the device's memories")
		}
	}
	if m := r.report.First; m != nil && m.Registers == nil {
		return r.examine(ctx, m)
	}
	if found.how != "" {
		r.host.Restore(r.host.HostState) // what stamp the device has is not known
	}
	return nil
}

const maxComplaints = 8

// remember compares what the device holds now with what it should.
func (r *runner) remember(ctx context.Context) error {
	if err := r.session.idle(ctx); err != nil {
		return err
	}
	got, err := readMemories(r.session.plain, &r.session.config)
	if err != nil {
		return err
	}
	r.report.Memory = compareMemories(&r.config.Compare, &r.session.config, r.golden.Memories(), got)
	return nil
}

// examine reads, behind the batch of the first mismatch, what the device shows.
func (r *runner) examine(ctx context.Context, m *Mismatch) error {
	r.host.Restore(r.host.HostState)
	var err error
	if m.Registers, err = dump(r.session.plain); err != nil {
		return err
	}
	before := r.report.Memory
	if err := r.remember(ctx); err != nil {
		m.Notes = append(m.Notes, fmt.Sprintf("the device's memories could not be read: %v", err))
		return nil
	}
	m.Memory, r.report.Memory = r.report.Memory, before
	return nil
}

// resync gives the device what it should hold.
func (r *runner) resync() error {
	r.report.Resyncs++
	b := r.golden.banks[0]
	if err := r.session.link.Send([]uint32{hwfpga.CommandWord, hwfpga.SetMode(b.Learning, b.Selecting)}); err != nil {
		return err
	}
	return writeMemories(r.session.plain, r.golden.Memories())
}
