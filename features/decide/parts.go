package decide

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/readout"
)

// The parts of a network beside the one of package delta, by their names in files.
const (
	PartFrames   = delta.SectionFrames   // JSON of frames.Config
	PartLabels   = delta.SectionLabels   // JSON, a list of texts, one an output
	PartInterval = delta.SectionInterval // readout.Schedule; missing where confidences are not calibrated
	PartWhole    = delta.SectionWhole    // the same
)

// PartNames are the names of all parts, in their order in files.
func PartNames() []string { return []string{PartFrames, PartLabels, PartInterval, PartWhole} }

// Parts are the bytes of all that a network is beside Net.
func (n *Network) Parts() (map[string][]byte, error) {
	framing, err := json.Marshal(n.Frames.Canonical())
	if err != nil {
		return nil, err
	}
	labels, err := json.Marshal(n.Labels)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{PartFrames: framing, PartLabels: labels}
	for name, schedule := range map[string]*readout.Schedule{PartInterval: n.Interval, PartWhole: n.Whole} {
		if schedule == nil {
			continue
		}
		if out[name], err = schedule.MarshalBinary(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FromParts puts a network together. It is not validated: whoever has layers knows more of its frames.
func FromParts(net *delta.Network, parts map[string][]byte) (*Network, error) {
	n := &Network{Net: net}
	if err := unmarshalPart(parts, PartFrames, &n.Frames); err != nil {
		return nil, err
	}
	if err := unmarshalPart(parts, PartLabels, &n.Labels); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name string
		into **readout.Schedule
	}{{PartInterval, &n.Interval}, {PartWhole, &n.Whole}} {
		data, there := parts[s.name]
		if !there {
			continue
		}
		*s.into = new(readout.Schedule)
		if err := (*s.into).UnmarshalBinary(data); err != nil {
			return nil, fmt.Errorf("section %s: %w", s.name, err)
		}
	}
	return n, nil
}

func unmarshalPart(parts map[string][]byte, name string, into any) error {
	data, there := parts[name]
	if !there {
		return fmt.Errorf("expected a section %q, found none", name)
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

// ErrAlone is what the error of a file wraps that has a network and nothing else.
var ErrAlone = errors.New("the file has a network alone: it does not say what frames the network is given, nor what its outputs stand for")
