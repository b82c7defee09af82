package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// stand is the first part of a state: where the stream stands.
type stand struct {
	Origin   origin   `json:"origin"`
	Place    place    `json:"place"`
	Counters Counters `json:"counters"`
	Learning bool     `json:"learning"`
	// Asked is whether the options had learning on.
	Asked bool `json:"asked"`
	// Names are those of the place, where one of them is not UTF-8: JSON would change it,
	// and the next message of the recording would begin another.
	Names *names `json:"names,omitempty"`
}

// names are bytes as they came.
type names struct {
	Session   []byte `json:"session"`
	Recording []byte `json:"recording"`
	Truth     []byte `json:"truth"`
}

// stand is where the pipeline stands.
func (p *Pipeline) stand() stand {
	s := stand{Origin: p.origin, Place: p.place, Counters: p.counters, Learning: p.learn, Asked: p.options.Learning}
	if at := &p.place; !utf8.ValidString(at.Session) || !utf8.ValidString(at.Recording) || !utf8.ValidString(at.Truth) {
		s.Names = &names{[]byte(at.Session), []byte(at.Recording), []byte(at.Truth)}
	}
	return s
}

// readStand reads the first part, and sees that a pipeline can stand there.
func readStand(b []byte) (*stand, error) {
	s := new(stand)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("where the stream stands: expected the end at byte %d of %d", d.InputOffset(), len(b))
	}
	if n := s.Names; n != nil {
		s.Place.Session, s.Place.Recording, s.Place.Truth = string(n.Session), string(n.Recording), string(n.Truth)
	}
	return s, s.Place.validate()
}

// validate names what no pipeline comes to.
func (p *place) validate() error {
	for name, n := range map[string]int64{"events": p.Events, "pending": p.Pending, "all": p.All} {
		if n < 0 {
			return fmt.Errorf("%s: expected 0 or more, found %d", name, n)
		}
	}
	if len(p.Skipped) > maxSkipped {
		return fmt.Errorf("gaps: expected at most %d, found %d", maxSkipped, len(p.Skipped))
	}
	for _, g := range p.Skipped {
		if g.From > g.To || g.To >= p.Next {
			return fmt.Errorf("gaps: expected numbers below %d, found %d to %d", p.Next, g.From, g.To)
		}
	}
	return nil
}
