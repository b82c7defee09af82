package hil

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// session is a device that is being talked to.
type session struct {
	link    hwfpga.Link // with its faults
	plain   hwfpga.Link // without
	config  hwfpga.Config
	pace    *pace
	scratch []uint32
	marks   uint16 // tags used so far
	// careful says that words may be lost: each batch ends with what brings the device back into step.
	careful bool
}

// answerWords is how many words a result has.
func (s *session) answerWords() int {
	if s.config.Detail {
		return 3
	}
	return 1
}

// idleTries is how often a device is asked whether it is idle: each time is a round trip at least, or a good many
// cycles of a model.
const idleTries = 10_000

// full tells whether a batch of so many words must end. A connexion in which words were lost is done for when
// somebody waits for them; so a batch must not need an answer before all of it was sent.
func (s *session) full(words int) bool {
	return s.careful && s.pace.clocked == nil && words > s.plain.Window()-2*trailerWords
}

// begin configures the device and waits until it has wiped its memories.
func (s *session) begin(ctx context.Context) error {
	s.scratch = make([]uint32, 1<<12)
	if err := hwfpga.Configure(s.plain, s.config); err != nil {
		return err
	}
	if err := s.idle(ctx); err != nil {
		return err
	}
	return s.plain.Write(hwfpga.RegControl, hwfpga.ControlCount)
}

// idle waits until nothing is under way in the device.
func (s *session) idle(ctx context.Context) error {
	for range idleTries {
		status, err := s.plain.Read(hwfpga.RegStatus)
		switch {
		case err != nil:
			return err
		case status&hwfpga.StatusConfigured == 0:
			return errors.New("status: expected a device that is configured, found one that is not: it was reset")
		case status&hwfpga.StatusIdle != 0:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
	return fmt.Errorf("status: expected an idle device, found a busy one %d times", idleTries)
}

// exchange sends a batch and receives what comes of it, up to the answer to a mark behind it. A device that
// says too little is no error yet: the batch is not whole then.
func (s *session) exchange(ctx context.Context, b *batch) error {
	per := s.answerWords()
	room := s.link.Window() - trailerWords
	wanted := len(b.events)*per + 1
	freed, at := 0, 0 // events whose words are no longer under way, and sent
	for at < len(b.events) {
		to, err := s.pace.next(ctx, b, at)
		if err != nil {
			return err
		}
		for at < to {
			freed = max(freed, len(b.raw)/per)
			free := room - (b.events[at].from - b.start0(min(freed, at)))
			n := at
			for n < to && b.events[n].to-b.events[at].from <= free {
				n++
			}
			if n == at {
				if err := s.receive(b, wanted); s.short(err) != nil {
					return err
				} else if err != nil {
					freed = at // what was not answered by now will not be
				}
				continue
			}
			if err := s.link.Send(b.words[b.events[at].from:b.events[n-1].to]); err != nil {
				return err
			}
			now := time.Now()
			for ; at < n; at++ {
				b.sentAt = append(b.sentAt, now)
			}
			if err := s.pace.behind(s, b, at, wanted); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	s.marks++
	trailer := slices.Clone(b.words[b.events[len(b.events)-1].to:]) // commands behind the last event
	if s.careful {
		trailer = append(trailer, flushWord)
		b.extra = 1
		wanted += per
	}
	trailer = append(trailer, hwfpga.CommandWord, hwfpga.Mark(s.marks))
	mark := hwfpga.ResultWord(s.marks, hwfpga.MarkResult)
	if err := s.link.Send(trailer); err != nil {
		return err
	}
	for len(b.raw) < wanted || s.careful && len(b.raw) < wanted+s.plain.Window() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.receive(b, wanted); err != nil {
			return s.short(err)
		}
		if b.raw[len(b.raw)-1] == mark {
			break
		}
	}
	b.whole = len(b.raw) == wanted && b.raw[wanted-1] == mark
	return nil
}

// trailerWords is room for what is sent behind a batch, or to bring a device back into step.
const trailerWords = 16

// start0 is where the words of an event begin, which may be the one behind the last.
func (b *batch) start0(event int) int {
	if event == len(b.events) {
		return len(b.words)
	}
	return b.events[event].from
}

// short turns silence into a batch that is not whole.
func (s *session) short(err error) error {
	if errors.Is(err, hwfpga.ErrTimeout) {
		return nil
	}
	return err
}

// receive takes words that came, at least one.
func (s *session) receive(b *batch, most int) error {
	n := min(max(most-len(b.raw), 1), len(s.scratch))
	n, err := s.link.Receive(s.scratch[:n])
	if n == 0 && err == nil {
		err = errors.New("the link gave neither words nor an error")
	}
	b.raw = append(b.raw, s.scratch[:n]...)
	b.gotAt = append(b.gotAt, received{words: len(b.raw), at: time.Now()})
	return err
}

// flushWord ends whatever event or command the device is in the middle of, where words were lost: as a second word, it is
// a stamp or a command that is refused, and as a first one an event beyond every sensor.
const flushWord = hwfpga.NoTime | uint32(hwfpga.MaxCoordinate)<<16 | hwfpga.MaxCoordinate

// syncTries is how often a device is asked for a mark before it counts as gone.
const syncTries = 3

// sync brings a device whose words were lost back into step, and takes what it still had to say.
func (s *session) sync(ctx context.Context, b *batch) error {
	for range syncTries {
		s.marks++
		b.flushes++
		mark := hwfpga.ResultWord(s.marks, hwfpga.MarkResult)
		if err := s.link.Send([]uint32{flushWord, hwfpga.CommandWord, hwfpga.Mark(s.marks)}); err != nil {
			return err
		}
		most := len(b.raw) + s.plain.Window()*s.answerWords()
		for len(b.raw) < most {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.receive(b, most); err != nil {
				if s.short(err) != nil {
					return err
				}
				break
			}
			if b.raw[len(b.raw)-1] == mark {
				return s.idle(ctx)
			}
		}
	}
	return fmt.Errorf("%w: %d marks were not answered", hwfpga.ErrTimeout, syncTries)
}

// counter reads one of the device's counters.
func counter(b hwfpga.Bus, which int) (uint64, error) {
	var v [2]uint32
	at := uint32(hwfpga.RegCounters + 8*which)
	if err := hwfpga.ReadList(b, []uint32{at, at + 4}, v[:]); err != nil {
		return 0, err
	}
	return uint64(v[0]) | uint64(v[1])<<32, nil
}

// counters reads all of them.
func counters(b hwfpga.Bus) (out [hwfpga.Counters]uint64, err error) {
	for i := range out {
		if out[i], err = counter(b, i); err != nil {
			return out, err
		}
	}
	return out, nil
}
