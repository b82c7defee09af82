package frames

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// A framer's state, little-endian:
//
//	"SFRM" | version u16 | configuration length u32 | configuration, JSON
//	started u8 | from, to i64 | events, drawn, index, skipped, empty u64
//	then counts u32 [plane][row][column]; or, of surfaces, events drawn i64, and the
//	state of a surface.Surface
const (
	stateMagic   = "SFRM"
	stateVersion = 1
	placeBytes   = 1 + 2*8 + 5*8
)

// MarshalBinary takes the framer's state.
func (f *Framer) MarshalBinary() ([]byte, error) {
	b, err := f.stateHead()
	if err != nil {
		return nil, err
	}
	p := &f.place
	started := byte(0)
	if p.started {
		started = 1
	}
	b = append(b, started)
	for _, v := range []uint64{uint64(p.from), uint64(p.to), p.events, p.drawn, p.index, p.skipped, p.empty} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	if f.canvas.counts != nil {
		return f.canvas.counts.appendState(b), nil
	}
	return f.canvas.ages.appendState(b)
}

// stateHead is what states of framers of this configuration begin with.
func (f *Framer) stateHead() ([]byte, error) {
	config, err := json.Marshal(f.config)
	if err != nil {
		return nil, err
	}
	b := []byte(stateMagic)
	b = binary.LittleEndian.AppendUint16(b, stateVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(config)))
	return append(b, config...), nil
}

// UnmarshalBinary puts back a state taken from a framer of the same configuration. The
// framer is as it was when the state is refused.
func (f *Framer) UnmarshalBinary(b []byte) error {
	if err := f.restore(b); err != nil {
		return fmt.Errorf("frames state: %w", err)
	}
	return nil
}

func (f *Framer) restore(b []byte) error {
	if len(b) < len(stateMagic) || string(b[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("at byte 0: expected %q, found %q", stateMagic, b[:min(len(b), len(stateMagic))])
	}
	at := len(stateMagic)
	if len(b) < at+6 {
		return fmt.Errorf("at byte %d: expected version and length, found the end", len(b))
	}
	if v := binary.LittleEndian.Uint16(b[at:]); v != stateVersion {
		return fmt.Errorf("at byte %d: expected version %d, found %d", at, stateVersion, v)
	}
	head, err := f.stateHead()
	if err != nil {
		return err
	}
	at += 6
	config := b[at:min(len(b), at+int(min(binary.LittleEndian.Uint32(b[at-4:]), maxConfig)))]
	if string(b[:min(len(b), len(head))]) != string(head) {
		return fmt.Errorf("at byte %d: expected frames of %s, found %q", at, head[at:], config)
	}
	at = len(head)
	if len(b)-at < placeBytes {
		return fmt.Errorf("at byte %d: expected %d bytes, found %d", at, placeBytes, len(b)-at)
	}
	p, err := f.readPlace(b[at:at+placeBytes], at)
	if err != nil {
		return err
	}
	at += placeBytes
	if c := f.canvas.counts; c != nil {
		if err := c.check(b[at:], at, p.drawn); err != nil {
			return err
		}
		c.restore(b[at:])
	} else if err := f.canvas.ages.restore(b[at:], at, p.started); err != nil {
		return err
	}
	f.place = p
	return nil
}

// maxConfig bounds what an error says of a configuration.
const maxConfig = 1 << 10

// readPlace reads and checks where a framer stood.
func (f *Framer) readPlace(b []byte, at int) (place, error) {
	var v [7]uint64
	for i := range v {
		v[i] = binary.LittleEndian.Uint64(b[1+8*i:])
	}
	p := place{
		started: b[0] == 1, from: int64(v[0]), to: int64(v[1]),
		events: v[2], drawn: v[3], index: v[4], skipped: v[5], empty: v[6],
	}
	switch {
	case b[0] > 1:
		return p, fmt.Errorf("at byte %d: expected 0 or 1, found %d", at, b[0])
	case !p.started && p != place{}:
		return p, fmt.Errorf("at byte %d: expected zeros before the first event, found %+v", at, p)
	case p.drawn > p.events:
		return p, fmt.Errorf("at byte %d: expected at most as many events drawn as there were, found %d of %d", at, p.drawn, p.events)
	case f.config.Events > 0 && p.drawn >= uint64(f.config.Events):
		return p, fmt.Errorf("at byte %d: expected less than %d events drawn, found %d", at, f.config.Events, p.drawn)
	case p.empty > uint64(max(0, f.config.MaxEmpty)):
		return p, fmt.Errorf("at byte %d: expected at most %d empty frames, found %d", at, max(0, f.config.MaxEmpty), p.empty)
	}
	return p, nil
}
