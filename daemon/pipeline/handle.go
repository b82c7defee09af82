package pipeline

import (
	"errors"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
)

// Handle processes one message and hands what comes of it to out. What cannot be
// read is handed to out as a Reject and is no error: the stream goes on. An error
// is one of out or of the target: see [Options].OnDeviceFailure.
func (p *Pipeline) Handle(in *Input, out Output) (Outcome, error) {
	if p.options.OnDeviceFailure == feast.Stop {
		if _, failure := p.Device(); failure != nil {
			return Early, failure // nothing of it was looked at, and it is to come again
		}
	}
	return p.handle(in, out)
}

func (p *Pipeline) handle(in *Input, out Output) (Outcome, error) {
	t, err := p.place.sequence(in)
	if t.outcome == Early {
		return Early, nil // it comes again, and counts then
	}
	p.counters.Messages++
	switch {
	case err != nil:
		return p.reject(err, 1, out)
	case t.outcome == Duplicate:
		p.counters.Duplicates++
		return Duplicate, nil
	}
	if t.missing > 0 {
		p.counters.Gaps += min(t.missing, math.MaxInt64-p.counters.Gaps)
		p.lost()
	}
	if t.fresh && p.place.Open {
		if err := p.end(out); err != nil {
			return Processed, err
		}
	}
	if err := p.prepare(in); err != nil {
		// That the recording ends here can be told all the same.
		if in.End && p.place.Open && in.Recording == p.place.Recording {
			if err := p.end(out); err != nil {
				return Rejected, err
			}
		}
		return p.reject(err, 1, out)
	}
	if in.Recording != p.place.Recording || !p.place.Open {
		if err := p.begin(in, out); err != nil {
			return Processed, err
		}
	}
	damage, err := p.decode(in, out)
	if err != nil {
		return Processed, err
	}
	if in.End {
		if err := p.end(out); err != nil {
			return Processed, err
		}
	}
	if damage.Err != nil {
		return p.reject(damage.Err, damage.Count, out)
	}
	return Processed, nil
}

func (p *Pipeline) reject(err error, count int, out Output) (Outcome, error) {
	p.counters.Rejects++
	return Rejected, out.Reject(Reject{Err: err, Count: count})
}

// prepare sees to a decoder and stages that fit the message.
func (p *Pipeline) prepare(in *Input) error {
	if p.decoder == nil || in.Encoding != p.encoding {
		e, err := events.EncodingByName(in.Encoding)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrEncoding, err)
		}
		p.decoder, p.encoding = e.NewDecoder(), in.Encoding
	}
	g := in.Header.Geometry
	if !g.Known() && p.stages != nil {
		g = p.stages.geometry
	}
	switch {
	case !g.Valid():
		return fmt.Errorf("%w: expected the sensor's width and height in the message's headers, 1 to %d, found %dx%d",
			ErrGeometry, events.MaxSide, g.Width, g.Height)
	case p.stages == nil:
		if err := p.build(g); err != nil {
			return fmt.Errorf("%w: %dx%d: %w", ErrGeometry, g.Width, g.Height, err)
		}
	case g != p.stages.geometry:
		return fmt.Errorf("%w: expected %dx%d as before, found %dx%d",
			ErrGeometry, p.stages.geometry.Width, p.stages.geometry.Height, g.Width, g.Height)
	}
	return nil
}

// begin starts a recording; one that had not ended ends here.
func (p *Pipeline) begin(in *Input, out Output) error {
	if p.place.Open {
		if err := p.end(out); err != nil {
			return err
		}
	}
	p.stages.begin()
	p.filters.reset()
	p.decoder.Reset()
	p.place.restart()
	p.place.Recording, p.place.Truth, p.place.Open = in.Recording, in.Truth, true
	p.place.All = 0
	return nil
}

// end ends the recording: its label, from what was pooled since the last interval, or
// since the recording began.
func (p *Pipeline) end(out Output) error {
	p.place.Open = false
	p.counters.Recordings++
	e := RecordingEnd{Recording: p.place.Recording, Truth: p.place.Truth, Events: p.place.All}
	if p.stages.network != nil {
		if err := p.lastFrame(out); err != nil {
			return err
		}
	}
	label, due, err := p.label(KindFinal)
	if err != nil {
		return err
	}
	if due {
		if err := out.Label(label); err != nil {
			return err
		}
		e.Label = &label
	}
	if p.options.OnRecording != nil {
		p.options.OnRecording(p, e)
	}
	return nil
}

// decode runs the message through the stages, a packet at a time. It returns the
// first damage and how many there were; what could be read around it is
// processed.
func (p *Pipeline) decode(in *Input, out Output) (damage Reject, err error) {
	h := in.Header
	h.Geometry = p.stages.geometry
	data := in.Payload
	read := 0
	defer func() {
		if err != nil && read < len(data) {
			p.lost() // the rest of the message, which may begin in the middle of a word
		}
	}()
	if len(data) == 0 && !in.End {
		damage = Reject{Count: 1, Err: &events.FormatError{Format: in.Encoding, Want: "events, or the end of a recording", Got: "an empty message"}}
	}
	for {
		p.packet.Reset()
		for p.packet.Room() > 0 && read < len(data) {
			n, err := p.decoder.Decode(h, data[read:], p.packet)
			if n == 0 && err == nil {
				if len(p.packet.Events) > 0 {
					break // the packet has no room for what comes next
				}
				err = &events.FormatError{Format: in.Encoding, Fatal: true, Want: "something to decode", Got: "nothing that the decoder takes"}
			}
			if err != nil {
				damage.Count++
				if damage.Err == nil {
					damage.Err = within(err, read)
				}
			}
			if n == 0 {
				n = len(data) - read // a decoder that cannot go on must not hang the stream
			}
			read += n
		}
		last := read >= len(data)
		if err := p.process(in, p.packet.Events); err != nil {
			return damage, err
		}
		if err := out.Features(p.packet.Events, p.winners[:len(p.packet.Events)], last); err != nil {
			return damage, err
		}
		if err := p.handOut(out); err != nil {
			return damage, err
		}
		if last {
			return damage, nil
		}
	}
}

// handOut hands out the labels that are due.
func (p *Pipeline) handOut(out Output) error {
	for _, l := range p.labels {
		if err := out.Label(l); err != nil {
			return err
		}
	}
	return nil
}

// within moves an error's offset from a part of the message to the whole.
func within(err error, offset int) error {
	var fe *events.FormatError
	if errors.As(err, &fe) {
		moved := *fe
		moved.Offset += int64(offset)
		return &moved
	}
	return err
}

// process runs a packet of a message through filters, layer and pooling. Where labels are
// given by intervals, the packet is cut where one ends, and the labels are left in
// p.labels. What was filtered tells no time and ends no interval: the same comes of a
// stream that was filtered before.
func (p *Pipeline) process(m *Input, in []events.Event) error {
	p.labels = p.labels[:0]
	if len(in) == 0 {
		return nil
	}
	p.counters.Events += uint64(len(in))
	p.place.All += int64(len(in))
	p.place.Latest = in[len(in)-1].T
	winners := p.winners[:len(in)]
	if f := p.filters; f != nil {
		f.run(in, winners, &p.counters.Filtered)
		if err := p.pass(m, f.kept, f.winners[:len(f.kept)]); err != nil {
			return err
		}
		f.scatter(winners)
		return nil
	}
	return p.pass(m, in, winners)
}

// pass takes events that no filter dropped through layer and pooling.
func (p *Pipeline) pass(m *Input, in []events.Event, winners []int16) error {
	for len(in) > 0 {
		n, due := p.until(in)
		if due {
			if err := p.interval(); err != nil {
				return err
			}
			continue
		}
		if err := p.run(m, in[:n], winners[:n]); err != nil {
			return err
		}
		in, winners = in[n:], winners[n:]
		if p.full() {
			if err := p.interval(); err != nil {
				return err
			}
		}
	}
	return nil
}

// run takes events through layer and pooling.
func (p *Pipeline) run(m *Input, in []events.Event, winners []int16) error {
	s := p.stages
	if err := s.layers.Process(in, winners); err != nil {
		return err
	}
	won := s.add(in, winners)
	if s.network != nil {
		if err := p.frames(m, in, winners); err != nil {
			return err
		}
	}
	p.place.pooled(m, in[0].T, in[len(in)-1].T, int64(len(in)), won)
	if s.running != nil {
		if p.place.Pending == 0 {
			p.place.Since = in[0].T
		}
		p.place.Pending += int64(len(in))
	}
	return nil
}
