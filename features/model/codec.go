package model

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
)

const (
	magic       = "SACMODEL"
	nameBytes   = 8
	headerBytes = len(magic) + 4 + 4
	sectionHead = nameBytes + 8 + 4
)

// The versions that are read. Another section belongs to a version of its own.
const (
	versionLinear = 1 // counts and a linear readout
	versionAny    = 2
	versionStack  = 3 // several layers
	versionFrames = 4 // a network over frames, or a readout over several layers' features
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// The names of the sections.
const (
	sectionFeast    = "feast"
	sectionWeights  = "weights"
	sectionPool     = "pool"
	sectionReadout  = "readout"
	sectionParts    = "parts"
	sectionSchedule = "schedule"
	// Of layers behind the first, with their numbers from 2 on.
	sectionUpper        = "layer"
	sectionUpperWeights = "weights"
)

// known are the sections of each version. Another one is refused: a model that is
// understood in part would give other results than the one that was saved.
var known = map[uint32][]string{
	versionLinear: {sectionFeast, sectionWeights, sectionPool, sectionReadout},
	versionAny:    {sectionFeast, sectionWeights, sectionPool, sectionReadout, sectionParts, sectionSchedule},
	versionStack: append(upperSections(),
		sectionFeast, sectionWeights, sectionPool, sectionReadout, sectionParts, sectionSchedule),
	versionFrames: append(upperSections(),
		sectionFeast, sectionWeights, sectionPool, sectionReadout, sectionParts, sectionSchedule,
		sectionFrames, sectionNetwork, sectionLabels, sectionInterval, sectionWhole, sectionCounted),
}

func upperSections() (names []string) {
	for n := 2; n <= stack.MaxLayers; n++ {
		names = append(names, sectionUpper+strconv.Itoa(n), sectionUpperWeights+strconv.Itoa(n))
	}
	return names
}

// section is a part of a file.
type section struct {
	name string
	data []byte
}

// version is the oldest that can hold the model.
func (m *Model) version() uint32 {
	if m.Network != nil || m.Readout != nil && len(m.Counted) > 0 {
		return versionFrames
	}
	if len(m.Upper) > 0 {
		return versionStack
	}
	_, linear := m.Readout.(*readout.Model)
	if m.Readout != nil && !linear || m.Readout != nil && len(m.Recipe().Canonical().Parts) > 0 || m.Schedule != nil {
		return versionAny
	}
	return versionLinear
}

// MarshalBinary gives the bytes of a model file.
func (m *Model) MarshalBinary() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	config, err := json.Marshal(m.Feast)
	if err != nil {
		return nil, err
	}
	sections := []section{{sectionFeast, config}, {sectionWeights, weightBytes(m.Weights)}}
	for i, u := range m.Upper {
		config, err := json.Marshal(u.Config)
		if err != nil {
			return nil, err
		}
		number := strconv.Itoa(i + 2)
		sections = append(sections, section{sectionUpper + number, config}, section{sectionUpperWeights + number, weightBytes(u.Weights)})
	}
	if m.Readout != nil {
		behind, err := m.readoutSections()
		if err != nil {
			return nil, err
		}
		sections = append(sections, behind...)
	}
	if m.Network != nil {
		behind, err := m.networkSections()
		if err != nil {
			return nil, err
		}
		sections = append(sections, behind...)
	}

	b := []byte(magic)
	b = binary.LittleEndian.AppendUint32(b, m.version())
	b = binary.LittleEndian.AppendUint32(b, uint32(len(sections)))
	for _, s := range sections {
		var name [nameBytes]byte
		copy(name[:], s.name)
		b = append(b, name[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(s.data)))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(s.data, castagnoli))
		b = append(b, s.data...)
	}
	return b, nil
}

// readoutSections are those of a model with a readout.
func (m *Model) readoutSections() ([]section, error) {
	// With its defaults filled in: those of another version may be others.
	recipe := m.Recipe().Canonical()
	pooling, err := json.Marshal(recipe.Pool)
	if err != nil {
		return nil, err
	}
	read, err := m.Readout.MarshalBinary()
	if err != nil {
		return nil, err
	}
	sections := []section{{sectionPool, pooling}, {sectionReadout, read}}
	if len(recipe.Parts) > 0 {
		parts, err := json.Marshal(recipe.Parts)
		if err != nil {
			return nil, err
		}
		sections = append(sections, section{sectionParts, parts})
	}
	if len(recipe.Layers) > 0 {
		layers, err := json.Marshal(recipe.Layers)
		if err != nil {
			return nil, err
		}
		sections = append(sections, section{sectionCounted, layers})
	}
	if m.Schedule != nil {
		schedule, err := m.Schedule.MarshalBinary()
		if err != nil {
			return nil, err
		}
		sections = append(sections, section{sectionSchedule, schedule})
	}
	return sections, nil
}

// UnmarshalBinary reads the bytes of a model file. The model is as it was when
// they are refused.
func (m *Model) UnmarshalBinary(b []byte) error {
	version, sections, err := split(b)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	out, err := join(version, sections)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	*m = *out
	return nil
}

// join makes a model of the sections of a file.
func join(version uint32, sections map[string][]byte) (*Model, error) {
	out := new(Model)
	if err := unmarshalConfig(sections, sectionFeast, &out.Feast); err != nil {
		return nil, err
	}
	if err := out.Feast.Validate(); err != nil {
		return nil, fmt.Errorf("section %s: %w", sectionFeast, err)
	}
	var err error
	if out.Weights, err = joinWeights(sections, sectionWeights, out.Feast); err != nil {
		return nil, err
	}
	if err := out.joinUpper(sections); err != nil {
		return nil, err
	}
	if err := out.joinReadout(version, sections); err != nil {
		return nil, err
	}
	if err := out.joinNetwork(sections); err != nil {
		return nil, err
	}
	return out, out.Validate()
}

// weightBytes is the section of a layer's weights: masters, then thresholds, i32.
func weightBytes(w feast.Weights) []byte {
	out := make([]byte, 0, 4*(len(w.Master)+len(w.Thresholds)))
	for _, values := range [][]int32{w.Master, w.Thresholds} {
		for _, v := range values {
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		}
	}
	return out
}

// joinWeights reads the section of a layer's weights; the configuration is valid.
func joinWeights(sections map[string][]byte, name string, c feast.Config) (feast.Weights, error) {
	data, ok := sections[name]
	if !ok {
		return feast.Weights{}, missing(name)
	}
	masters := c.Features() * c.Elements()
	if want := 4 * (masters + c.Features()); len(data) != want {
		return feast.Weights{}, fmt.Errorf("section %s: expected %d bytes, found %d", name, want, len(data))
	}
	values := make([]int32, len(data)/4)
	for i := range values {
		values[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return feast.Weights{Master: values[:masters:masters], Thresholds: values[masters:]}, nil
}

// joinUpper reads the layers behind the first, as far as they go.
func (m *Model) joinUpper(sections map[string][]byte) error {
	for n := 2; n <= stack.MaxLayers; n++ {
		name, weights := sectionUpper+strconv.Itoa(n), sectionUpperWeights+strconv.Itoa(n)
		_, there := sections[name]
		_, behind := sections[weights]
		if !there && !behind {
			continue
		}
		if len(m.Upper) != n-2 {
			return missing(sectionUpper + strconv.Itoa(len(m.Upper)+2))
		}
		var u Upper
		if err := unmarshalConfig(sections, name, &u.Config); err != nil {
			return err
		}
		if err := u.Feast.Validate(); err != nil {
			return fmt.Errorf("section %s: %w", name, err)
		}
		var err error
		if u.Weights, err = joinWeights(sections, weights, u.Feast); err != nil {
			return err
		}
		m.Upper = append(m.Upper, u)
	}
	return nil
}

// joinReadout reads the sections of a readout, where there are any.
func (m *Model) joinReadout(version uint32, sections map[string][]byte) error {
	read, pooling := sections[sectionReadout], sections[sectionPool]
	if (read == nil) != (pooling == nil) {
		return fmt.Errorf("expected sections %q and %q together, found one of them", sectionPool, sectionReadout)
	}
	if read == nil {
		for _, name := range []string{sectionParts, sectionSchedule, sectionCounted} {
			if sections[name] != nil {
				return fmt.Errorf("expected a section %q beside %q, found none", sectionReadout, name)
			}
		}
		return nil
	}
	if err := unmarshalConfig(sections, sectionPool, &m.Pool); err != nil {
		return err
	}
	var err error
	if version == versionLinear {
		linear := new(readout.Model)
		m.Readout, err = linear, linear.UnmarshalBinary(read)
	} else {
		m.Readout, err = readout.UnmarshalClassifier(read)
	}
	if err != nil {
		return fmt.Errorf("section %s: %w", sectionReadout, err)
	}
	if sections[sectionParts] != nil {
		if err := unmarshalConfig(sections, sectionParts, &m.Parts); err != nil {
			return err
		}
	}
	if sections[sectionCounted] != nil {
		if err := unmarshalConfig(sections, sectionCounted, &m.Counted); err != nil {
			return err
		}
	}
	if data := sections[sectionSchedule]; data != nil {
		m.Schedule = new(readout.Schedule)
		if err := m.Schedule.UnmarshalBinary(data); err != nil {
			return fmt.Errorf("section %s: %w", sectionSchedule, err)
		}
	}
	return nil
}

func missing(name string) error {
	return fmt.Errorf("expected a section %q, found none", name)
}

func unmarshalConfig(sections map[string][]byte, name string, into any) error {
	data, ok := sections[name]
	if !ok {
		return missing(name)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("section %s: %w", name, err)
	}
	if at := d.InputOffset(); at != int64(len(data)) {
		return fmt.Errorf("section %s at byte %d: expected its end, found %d bytes more", name, at, int64(len(data))-at)
	}
	return nil
}

// ErrNetworkAlone is what the error of a file wraps that is no model, but often meant to be one.
var ErrNetworkAlone = errors.New("at byte 0: expected a model, found a delta network alone: 'saccade eval' and 'saccade run' take it as it is, " +
	"'saccade train delta FEATURES.model DIR --refine NET.delta --epochs 0 -o MODEL' puts it into a model with features, which the daemon needs")

// split checks the frame of a model file and gives its version and its sections by
// name.
func split(b []byte) (version uint32, sections map[string][]byte, err error) {
	if bytes.HasPrefix(b, []byte(delta.Magic)) {
		return 0, nil, ErrNetworkAlone
	}
	if !bytes.HasPrefix(b, []byte(magic)) {
		return 0, nil, fmt.Errorf("at byte 0: expected %q, found %q", magic, b[:min(len(b), len(magic))])
	}
	if len(b) < headerBytes {
		return 0, nil, fmt.Errorf("at byte %d: expected a header of %d bytes, found the end", len(b), headerBytes)
	}
	version = binary.LittleEndian.Uint32(b[len(magic):])
	names := known[version]
	if names == nil {
		return 0, nil, fmt.Errorf("at byte %d: expected version %d to %d, found %d", len(magic), versionLinear, versionFrames, version)
	}
	n := binary.LittleEndian.Uint32(b[len(magic)+4:])
	if int64(n) > int64(len(names)) {
		return 0, nil, fmt.Errorf("at byte %d: expected at most %d sections, found %d", len(magic)+4, len(names), n)
	}
	sections = make(map[string][]byte, n)
	at := headerBytes
	for range n {
		rest := b[at:]
		if len(rest) < sectionHead {
			return 0, nil, fmt.Errorf("at byte %d: expected a section of %d bytes or more, found the end after %d", at, sectionHead, len(rest))
		}
		name := string(bytes.TrimRight(rest[:nameBytes], "\x00"))
		if !slices.Contains(names, name) {
			return 0, nil, fmt.Errorf("at byte %d: expected a section of %q, found %q", at, names, name)
		}
		length := binary.LittleEndian.Uint64(rest[nameBytes:])
		sum := binary.LittleEndian.Uint32(rest[nameBytes+8:])
		rest = rest[sectionHead:]
		at += sectionHead
		if length > uint64(len(rest)) {
			return 0, nil, fmt.Errorf("at byte %d: expected %d bytes of section %q, found %d", at, length, name, len(rest))
		}
		data := rest[:length]
		if got := crc32.Checksum(data, castagnoli); got != sum {
			return 0, nil, fmt.Errorf("at byte %d: section %q is damaged: expected checksum %08x, found %08x", at, name, sum, got)
		}
		if _, twice := sections[name]; twice {
			return 0, nil, fmt.Errorf("at byte %d: section %q stands twice", at, name)
		}
		sections[name] = data
		at += int(length)
	}
	if at != len(b) {
		return 0, nil, fmt.Errorf("at byte %d: expected the end, found %d bytes more", at, len(b)-at)
	}
	return version, sections, nil
}
