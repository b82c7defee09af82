package decide

import (
	"encoding/binary"
	"fmt"
)

// A decider's state, little-endian:
//
//	"SDEC" | version u16 | length of the framer's state u64 | length of the engine's u64
//	frames, empty, skipped, first, their MACs u64, of the recordings before; the same of this one
//	MACs, dense MACs, sent, values, dense steps u64, of each of the engine's counters
//	recent, all: frames, events u64 | first, last i64 | sums i64 [output]
//	the framer's state | the engine's state
const (
	stateMagic   = "SDEC"
	stateVersion = 1
	stateHead    = len(stateMagic) + 2 + 8 + 8
)

func (c *Counters) fields() []*uint64 {
	return []*uint64{&c.Frames, &c.Empty, &c.Skipped, &c.First, &c.FirstMACs}
}

func (c *LayerCounters) fields() []*uint64 {
	return []*uint64{&c.MACs, &c.Dense, &c.Sent, &c.Values, &c.DenseSteps}
}

// counted are all numbers of a state's counters, in their order.
func (d *Decider) counted() []*uint64 {
	out := append(d.before.fields(), d.now.fields()...)
	for i := range d.before.Layers {
		out = append(out, d.before.Layers[i].fields()...)
	}
	return out
}

// MarshalBinary takes the decider's state, counters included.
func (d *Decider) MarshalBinary() ([]byte, error) {
	framer, err := d.framer.MarshalBinary()
	if err != nil {
		return nil, err
	}
	engine, err := d.engine.MarshalBinary()
	if err != nil {
		return nil, err
	}
	b := []byte(stateMagic)
	b = binary.LittleEndian.AppendUint16(b, stateVersion)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(framer)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(engine)))
	for _, v := range d.counted() {
		b = binary.LittleEndian.AppendUint64(b, *v)
	}
	b = d.recent.appendState(b)
	b = d.all.appendState(b)
	b = append(b, framer...)
	return append(b, engine...), nil
}

// UnmarshalBinary puts back a state taken from a decider of the same network, on any
// target. The decider is as it was when the state is refused.
func (d *Decider) UnmarshalBinary(b []byte) error {
	fresh, err := New(d.net, d.target)
	if err != nil {
		return err
	}
	if err := fresh.restore(b); err != nil {
		return fmt.Errorf("decider state: %w", err)
	}
	*d = *fresh
	return nil
}

func (d *Decider) restore(b []byte) error {
	if len(b) < stateHead || string(b[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("at byte 0: expected %q and %d bytes, found %q", stateMagic, stateHead, b[:min(len(b), len(stateMagic))])
	}
	at := len(stateMagic)
	if v := binary.LittleEndian.Uint16(b[at:]); v != stateVersion {
		return fmt.Errorf("at byte %d: expected version %d, found %d", at, stateVersion, v)
	}
	framer, engine := binary.LittleEndian.Uint64(b[at+2:]), binary.LittleEndian.Uint64(b[at+10:])
	at = stateHead
	numbers := d.counted()
	fixed := 8*len(numbers) + d.recent.stateLen() + d.all.stateLen()
	if rest := uint64(len(b) - at); framer > rest || engine > rest || uint64(fixed)+framer+engine != rest {
		return fmt.Errorf("at byte %d: expected %d bytes and the states of framer and engine, %d and %d, found %d", at, fixed, framer, engine, rest)
	}
	for _, v := range numbers {
		*v = binary.LittleEndian.Uint64(b[at:])
		at += 8
	}
	for _, t := range []*tally{&d.recent, &d.all} {
		if err := t.restore(b[at:], at); err != nil {
			return err
		}
		at += t.stateLen()
	}
	if err := d.framer.UnmarshalBinary(b[at : at+int(framer)]); err != nil {
		return err
	}
	at += int(framer)
	if err := d.engine.UnmarshalBinary(b[at:]); err != nil {
		return err
	}
	return d.consistent()
}

// consistent checks what the parts of a state say of each other.
func (d *Decider) consistent() error {
	steps := d.engine.Counters().Steps
	switch {
	case d.recent.frames > d.all.frames:
		return fmt.Errorf("expected at most as many recent frames as there are, %d, found %d", d.all.frames, d.recent.frames)
	case d.now.Frames != steps || d.all.frames > steps || (d.all.frames == 0) != (steps == 0):
		return fmt.Errorf("expected a frame for each of the engine's %d steps, found %d, and %d in the sums", steps, d.now.Frames, d.all.frames)
	case d.now.Empty > d.now.Frames || d.now.First != min(1, steps):
		return fmt.Errorf("expected %d first frame and at most %d empty ones, found %d and %d", min(1, steps), steps, d.now.First, d.now.Empty)
	}
	return nil
}
