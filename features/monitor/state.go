package monitor

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/saccade-dev/saccade/features/feast"
)

// A monitor's state, little-endian: "SMON" | version u16 | CRC-32 (IEEE) u32 of
// what follows | the state as JSON, in which float64 keep all their bits.
const (
	stateMagic   = "SMON"
	stateVersion = 1
	stateHeader  = len(stateMagic) + 2 + 4
)

// monitorState is all that a monitor knows.
type monitorState struct {
	Layer    feast.Config  `json:"layer"`
	Options  Options       `json:"options"`
	Samples  []Sample      `json:"samples"`
	Left     int           `json:"left"`
	Weights  []byte        `json:"weights,omitempty"` // int32, little-endian
	Series   seriesState   `json:"series"`
	Detector detectorState `json:"detector"`
}

// MarshalBinary takes the whole state. It belongs to a state of the layer that was
// taken after the same event.
func (m *Monitor) MarshalBinary() ([]byte, error) {
	text, err := json.Marshal(monitorState{
		Layer: m.layer, Options: m.options, Samples: m.samples, Left: m.left, Weights: weightBytes(m.weights),
		Series: m.series.state, Detector: m.detector.state,
	})
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, stateHeader+len(text))
	b = append(b, stateMagic...)
	b = binary.LittleEndian.AppendUint16(b, stateVersion)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(text))
	return append(b, text...), nil
}

// UnmarshalBinary puts back a state taken from a monitor of the same configuration
// and options. The monitor is as it was when the state is refused.
func (m *Monitor) UnmarshalBinary(b []byte) error {
	if len(b) < stateHeader {
		return fmt.Errorf("monitor state: expected at least %d bytes, found %d", stateHeader, len(b))
	}
	if string(b[:4]) != stateMagic {
		return fmt.Errorf("monitor state at byte 0: expected %q, found %q", stateMagic, b[:4])
	}
	if v := binary.LittleEndian.Uint16(b[4:]); v != stateVersion {
		return fmt.Errorf("monitor state at byte 4: expected version %d, found %d", stateVersion, v)
	}
	text := b[stateHeader:]
	if want, found := binary.LittleEndian.Uint32(b[6:]), crc32.ChecksumIEEE(text); want != found {
		return fmt.Errorf("monitor state at byte %d: expected a checksum of %#08x, found %#08x", stateHeader, want, found)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var s monitorState
	if err := decoder.Decode(&s); err != nil {
		return fmt.Errorf("monitor state at byte %d: %w", stateHeader+int(decoder.InputOffset()), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("monitor state at byte %d: expected its end", stateHeader+int(decoder.InputOffset()))
	}
	if err := m.check(s); err != nil {
		return fmt.Errorf("monitor state: %w", err)
	}
	m.samples, m.left, m.weights = s.Samples, s.Left, nil
	for at := 0; at < len(s.Weights); at += 4 {
		m.weights = append(m.weights, int32(binary.LittleEndian.Uint32(s.Weights[at:])))
	}
	m.series.state, m.detector.state = s.Series, s.Detector
	return nil
}

func weightBytes(weights []int32) []byte {
	var out []byte
	for _, w := range weights {
		out = binary.LittleEndian.AppendUint32(out, uint32(w))
	}
	return out
}

// OptionsError is why a monitor refuses the state of one that looked otherwise.
type OptionsError struct{ Want, Found Options }

func (e OptionsError) Error() string {
	return fmt.Sprintf("expected the options %+v, found %+v", e.Want, e.Found)
}

// check returns an error for a state that this monitor cannot have come to.
func (m *Monitor) check(s monitorState) error {
	switch {
	case s.Layer != m.layer:
		return fmt.Errorf("expected the layer %+v, found %+v", m.layer, s.Layer)
	case s.Options != m.options:
		return OptionsError{m.options, s.Options}
	case len(s.Samples) > m.options.Interval/m.options.Sample:
		return fmt.Errorf("expected at most %d samples, found %d", m.options.Interval/m.options.Sample, len(s.Samples))
	case len(s.Weights) != 0 && (len(s.Samples) == 0 || len(s.Weights) != 4*m.layer.Features()*m.layer.Elements()):
		return fmt.Errorf("weights: expected %d bytes and samples, or none, found %d", 4*m.layer.Features()*m.layer.Elements(), len(s.Weights))
	case s.Left < 0 || s.Left > m.options.Sample || (s.Left > 0) != (len(s.Samples) > 0):
		return fmt.Errorf("left: expected 1 to %d and samples, or neither, found %d", m.options.Sample, s.Left)
	}
	for i, sample := range s.Samples {
		if err := sample.validate(m.layer); err != nil {
			return fmt.Errorf("sample %d: %w", i, err)
		}
		if i > 0 && !sample.follows(s.Samples[i-1]) {
			return fmt.Errorf("sample %d: it does not follow the one before", i)
		}
	}
	if err := s.Series.validate(m.options.Points, m.layer.Banks()); err != nil {
		return err
	}
	return s.Detector.validate(m.layer, m.options.Detector)
}

// validate returns an error for a state that no detector of the parameters has.
func (s detectorState) validate(c feast.Config, p Params) error {
	// What is watched does not depend on the values.
	banks := make([]Signals, c.Banks())
	for i := range banks {
		banks[i].Hits = 1
	}
	signals := len(watched(c, Interval{All: Signals{Hits: uint64(len(banks))}, Banks: banks}))
	switch s.Last.Change {
	case None, Settled, Drift:
	default:
		return fmt.Errorf("detector: expected a change, found %q", s.Last.Change)
	}
	if s.Seen < 0 || len(s.Window) > s.Seen || len(s.Window) > p.Memory {
		return fmt.Errorf("detector: expected at most %d intervals in the window, found %d of %d", p.Memory, len(s.Window), s.Seen)
	}
	for i, row := range s.Window {
		if len(row) != signals+c.Features() || !sensible(row) {
			return fmt.Errorf("detector: interval %d of the window is none of this layer's", i)
		}
	}
	if !s.Settled {
		if len(s.Known) != 0 || len(s.Pattern) != 0 || len(s.Late) != 0 {
			return errors.New("detector: it knows what has not settled")
		}
		return nil
	}
	if len(s.Known) != signals+1 || len(s.Pattern) != c.Features() || !sensible(s.Pattern) {
		return errors.New("detector: what it knows is not of this layer")
	}
	if len(s.Late) > late {
		return fmt.Errorf("detector: expected at most %d intervals that are not known yet, found %d", late, len(s.Late))
	}
	for i, row := range s.Late {
		if len(row) != signals+1+c.Features() || !sensible(row) {
			return fmt.Errorf("detector: interval %d of those not known yet is none of this layer's", i)
		}
	}
	for i, k := range s.Known {
		if k.Count < p.Window || k.Count > p.Memory || k.Variance < 0 || k.Above < 0 || k.Below < 0 ||
			!sensible([]float64{k.Mean, k.Variance, k.Above, k.Below}) {
			return fmt.Errorf("detector: what it knows of signal %d cannot be", i)
		}
	}
	return nil
}

// sensible tells whether values are so small that nothing made of them overflows.
func sensible(values []float64) bool {
	for _, v := range values {
		if math.Abs(v) > 1<<40 {
			return false
		}
	}
	return true
}
