package hil

import (
	"context"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Mismatch is everything that is known of the first event whose answer was not as it should be.
type Mismatch struct {
	What      string       `json:"what"`
	Event     int64        `json:"event"` // of the run, from 0
	Recording string       `json:"recording"`
	Within    int64        `json:"event_of_recording"`
	Of        events.Event `json:"of"`
	Stamp     uint32       `json:"stamp"`
	Words     []uint32     `json:"words"` // that were sent for it, commands ahead of it among them
	Seq       uint16       `json:"seq"`

	Learning  bool     `json:"learning"`
	Selecting bool     `json:"selecting"`
	Bank      int      `json:"bank"`
	Rates     hw.Rates `json:"rates"`
	Expected  Said     `json:"expected"`
	Found     *Said    `json:"found"`   // nil where no answer came
	Details   bool     `json:"details"` // the device tells dot products and norms
	// Of an event that competed: the patch, [row][column], as stamps and as values of the decay, and of each
	// neuron of the bank the dot product that is expected, its threshold ahead of the event, and the least
	// dot product that reaches it.
	Side       int      `json:"side"`
	Stamps     []uint32 `json:"stamps,omitempty"`
	Values     []int16  `json:"values,omitempty"`
	Dots       []int32  `json:"dots,omitempty"`
	Thresholds []int32  `json:"thresholds,omitempty"`
	Least      []int64  `json:"least_dots,omitempty"`

	// Registers are the device's behind the batch that the event was in, and Memory what it held then. Notes say what
	// could not be read.
	Registers []Register     `json:"registers,omitempty"`
	Memory    *MemoryCompare `json:"memory,omitempty"`
	Notes     []string       `json:"notes,omitempty"`
	Again     *Again         `json:"again,omitempty"`
}

// Said is an answer of a device.
type Said struct {
	Winner int16  `json:"winner"`
	Dot    int32  `json:"dot"`
	Norm   uint32 `json:"norm"`
}

// Again is what the device said when, at the end of the run and without faults, it was given the reference's memories
// from ahead of the batch and the batch again, up to the event: where it is wrong again, it computes wrongly;
// otherwise what it held was wrong, or the link.
type Again struct {
	Reproduced bool  `json:"reproduced"`
	Event      int64 `json:"event"` // the first that was wrong now; -1 for none
	Found      *Said `json:"found"` // of the mismatch's event
	// Dots are what the device has computed for each neuron, where the event competed.
	Dots []int32 `json:"dots,omitempty"`
}

// describe tells all that the reference knows of event i of a batch.
func (b *batch) describe(i int, recording string, got hwfpga.Result, there bool) *Mismatch {
	e := &b.events[i]
	g := b.start.clone()
	for _, w := range b.words[:e.from] {
		g.Word(w)
	}
	words := b.words[e.from:e.to]
	ahead := len(words) - 1 // commands
	if words[ahead]&hwfpga.NoTime == 0 {
		ahead-- // as that is its time
	}
	for _, w := range words[:ahead] {
		g.Word(w)
	}
	bank := g.banks[e.want.Bank]
	m := &Mismatch{
		Event: e.number, Recording: recording, Within: e.within, Of: e.event, Stamp: e.stamp, Words: append([]uint32(nil), words...),
		Seq: e.want.Seq, Bank: e.want.Bank, Learning: bank.Learning, Selecting: bank.Selecting, Side: g.config.Side(), Details: g.config.Detail,
		Rates:    hw.Rates{Eta: bank.Eta, DeltaI: bank.DeltaI, DeltaE: bank.DeltaE},
		Expected: Said{Winner: e.want.Winner, Dot: e.want.Dot, Norm: e.want.Norm},
	}
	if there {
		m.Found = &Said{Winner: got.Winner, Dot: got.Dot, Norm: got.Norm}
	}
	if e.want.Winner < hw.Missed && e.want.Winner != hw.Noise {
		return m
	}
	m.Stamps, m.Values, _ = g.Patch(e.want.Bank, int(e.event.X), int(e.event.Y), e.stamp)
	m.Thresholds = append(m.Thresholds, bank.Thresholds...)
	for _, w := range words[ahead:] {
		if a, ok := g.Word(w); ok && a.Near != nil {
			m.Dots = append([]int32(nil), a.Near...)
			for _, t := range m.Thresholds {
				m.Least = append(m.Least, leastDot(t, e.want.Norm))
			}
		}
	}
	return m
}

// leastDot is the least dot product that reaches a threshold: dot<<MatchShift >= threshold*norm.
func leastDot(threshold int32, norm uint32) int64 {
	limit := int64(threshold) * int64(norm)
	return (limit + 1<<hw.MatchShift - 1) >> hw.MatchShift
}

// again has the device compute a batch once more, up to event i, from the reference's memories.
func (s *session) again(ctx context.Context, b *batch, i int, judge func(want *Answer, got hwfpga.Result, there bool) difference) (*Again, error) {
	if err := writeMemories(s.plain, b.start.Memories()); err != nil {
		return nil, err
	}
	seen, err := counter(s.plain, hwfpga.CountEvents)
	if err != nil {
		return nil, err
	}
	c := &batch{seq: uint16(seen)}
	for k := range b.events[:i+1] {
		e := b.events[k]
		from := len(c.words)
		c.words = append(c.words, b.words[e.from:e.to]...)
		if last := len(c.words) - 1; c.words[last]&hwfpga.NoTime != 0 {
			// The stamp of the event before may have gone by in an earlier batch.
			c.words[last] &^= hwfpga.NoTime
			c.words = append(c.words, e.stamp)
		}
		e.from, e.to = from, len(c.words)
		c.events = append(c.events, e)
	}
	fast := &session{link: s.plain, plain: s.plain, config: s.config, pace: &pace{config: Pacing{Kind: Fast}}, scratch: s.scratch, marks: s.marks}
	err = fast.exchange(ctx, c)
	s.marks = fast.marks
	if err != nil {
		return nil, err
	}
	if err := s.idle(ctx); err != nil {
		return nil, err
	}
	a := align(c.raw, c.seq, len(c.events), s.config.Banks()*s.config.Neurons, s.config.Detail)
	out := &Again{Event: -1}
	for k := range c.events {
		if judge(&c.events[k].want, a.results[k], a.there[k]).mismatch() && out.Event < 0 {
			out.Event = c.events[k].number
		}
	}
	if a.there[i] {
		r := a.results[i]
		out.Found = &Said{Winner: r.Winner, Dot: r.Dot, Norm: r.Norm}
	}
	out.Reproduced = out.Event >= 0
	if w := b.events[i].want.Winner; w >= hw.Missed {
		dots, err := readWindow(s.plain, hwfpga.WindowDots, s.config.Neurons)
		if err != nil {
			return nil, err
		}
		out.Dots = signed(dots)
	}
	return out, nil
}
