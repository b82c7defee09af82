package pipeline

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"github.com/saccade-dev/saccade/features/model"
)

// A pipeline's state, little-endian:
//
//	"SACSTATE" | version u32 | CRC-32C u32 of what follows
//	then four parts, each a length u64 and its bytes: where the stream stands
//	(JSON), the model, the layer's state, the pooled counts; the last three are
//	empty where the geometry was not known yet
const (
	stateMagic   = "SACSTATE"
	stateVersion = 1
	stateHead    = len(stateMagic) + 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stand is the first part of a state.
type stand struct {
	Place    place    `json:"place"`
	Counters Counters `json:"counters"`
	Learning bool     `json:"learning"`
	// Stateful decoders will add theirs; those there are keep nothing from
	// message to message.
}

// MarshalBinary takes the pipeline's whole state.
func (p *Pipeline) MarshalBinary() ([]byte, error) {
	head, err := json.Marshal(stand{Place: p.place, Counters: p.counters, Learning: p.learn})
	if err != nil {
		return nil, err
	}
	parts := [][]byte{head, nil, nil, nil}
	if p.stages != nil {
		m, err := p.Model()
		if err != nil {
			return nil, err
		}
		for i, part := range []interface{ MarshalBinary() ([]byte, error) }{m, p.stages.layer, p.stages.counts} {
			if parts[1+i], err = part.MarshalBinary(); err != nil {
				return nil, err
			}
		}
	}
	b := make([]byte, stateHead)
	for _, part := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	copy(b, stateMagic)
	binary.LittleEndian.PutUint32(b[len(stateMagic):], stateVersion)
	binary.LittleEndian.PutUint32(b[len(stateMagic)+4:], crc32.Checksum(b[stateHead:], castagnoli))
	return b, nil
}

// UnmarshalBinary puts a state back. The pipeline is as it was when the state is
// refused.
func (p *Pipeline) UnmarshalBinary(b []byte) error {
	parts, err := splitState(b)
	if err != nil {
		return fmt.Errorf("pipeline state: %w", err)
	}
	var s stand
	d := json.NewDecoder(bytes.NewReader(parts[0]))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return fmt.Errorf("pipeline state: %w", err)
	}
	restored := *p
	restored.stages = nil
	restored.decoder, restored.encoding = nil, ""
	restored.place, restored.counters, restored.learn = s.Place, s.Counters, s.Learning
	if len(parts[1]) > 0 {
		var m model.Model
		if err := m.UnmarshalBinary(parts[1]); err != nil {
			return fmt.Errorf("pipeline state: %w", err)
		}
		if g := p.options.Geometry; g.Known() && g != m.Feast.Geometry() {
			return fmt.Errorf("pipeline state: it is of a sensor with %dx%d pixels, and this one has %dx%d",
				m.Feast.Width, m.Feast.Height, g.Width, g.Height)
		}
		if err := restored.SetModel(&m); err != nil {
			return fmt.Errorf("pipeline state: %w", err)
		}
		if err := restored.stages.layer.UnmarshalBinary(parts[2]); err != nil {
			return fmt.Errorf("pipeline state: %w", err)
		}
		if err := restored.stages.counts.UnmarshalBinary(parts[3]); err != nil {
			return fmt.Errorf("pipeline state: %w", err)
		}
		if got, want := restored.stages.counts.Len(), len(restored.stages.vector); got != want {
			return fmt.Errorf("pipeline state: expected %d pooled counts, found %d", want, got)
		}
	}
	*p = restored
	return nil
}

func splitState(b []byte) ([4][]byte, error) {
	var parts [4][]byte
	if len(b) < stateHead || string(b[:len(stateMagic)]) != stateMagic {
		return parts, fmt.Errorf("at byte 0: expected %q, found %q", stateMagic, b[:min(len(b), len(stateMagic))])
	}
	if v := binary.LittleEndian.Uint32(b[len(stateMagic):]); v != stateVersion {
		return parts, fmt.Errorf("at byte %d: expected version %d, found %d", len(stateMagic), stateVersion, v)
	}
	want := binary.LittleEndian.Uint32(b[len(stateMagic)+4:])
	if got := crc32.Checksum(b[stateHead:], castagnoli); got != want {
		return parts, fmt.Errorf("it is damaged: expected checksum %08x, found %08x", want, got)
	}
	at := stateHead
	for i := range parts {
		if len(b)-at < 8 {
			return parts, fmt.Errorf("at byte %d: expected a length, found the end", at)
		}
		n := binary.LittleEndian.Uint64(b[at:])
		at += 8
		if n > uint64(len(b)-at) {
			return parts, fmt.Errorf("at byte %d: expected %d bytes, found %d", at, n, len(b)-at)
		}
		parts[i] = b[at : at+int(n)]
		at += int(n)
	}
	if at != len(b) {
		return parts, fmt.Errorf("at byte %d: expected the end, found %d bytes more", at, len(b)-at)
	}
	return parts, nil
}
