package model

import (
	"encoding/json"
	"fmt"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/readout"
)

// The sections of a network.
const (
	sectionFrames   = "frames"
	sectionNetwork  = "network"
	sectionLabels   = "labels"
	sectionInterval = "interval"
	sectionWhole    = "whole"
)

// networkSections are those of a model with a network.
func (m *Model) networkSections() ([]section, error) {
	n := m.Network
	framing, err := json.Marshal(n.Frames.Canonical())
	if err != nil {
		return nil, err
	}
	net, err := n.Net.MarshalBinary()
	if err != nil {
		return nil, err
	}
	labels, err := json.Marshal(n.Labels)
	if err != nil {
		return nil, err
	}
	sections := []section{{sectionFrames, framing}, {sectionNetwork, net}, {sectionLabels, labels}}
	for _, s := range []struct {
		name     string
		schedule *readout.Schedule
	}{{sectionInterval, n.Interval}, {sectionWhole, n.Whole}} {
		if s.schedule == nil {
			continue
		}
		data, err := s.schedule.MarshalBinary()
		if err != nil {
			return nil, err
		}
		sections = append(sections, section{s.name, data})
	}
	return sections, nil
}

// joinNetwork reads the sections of a network, where there are any.
func (m *Model) joinNetwork(sections map[string][]byte) error {
	net, there := sections[sectionNetwork]
	if !there {
		for _, name := range []string{sectionFrames, sectionLabels, sectionInterval, sectionWhole} {
			if _, alone := sections[name]; alone {
				return fmt.Errorf("expected a section %q beside %q, found none", sectionNetwork, name)
			}
		}
		return nil
	}
	n := &decide.Network{Net: new(delta.Network)}
	if err := unmarshalConfig(sections, sectionFrames, &n.Frames); err != nil {
		return err
	}
	if err := unmarshalConfig(sections, sectionLabels, &n.Labels); err != nil {
		return err
	}
	if err := n.Net.UnmarshalBinary(net); err != nil {
		return fmt.Errorf("section %s: %w", sectionNetwork, err)
	}
	for name, into := range map[string]**readout.Schedule{sectionInterval: &n.Interval, sectionWhole: &n.Whole} {
		data, there := sections[name]
		if !there {
			continue
		}
		*into = new(readout.Schedule)
		if err := (*into).UnmarshalBinary(data); err != nil {
			return fmt.Errorf("section %s: %w", name, err)
		}
	}
	m.Network = n
	return nil
}

// validateNetwork tells whether the network is one that the layers can feed; these are
// valid.
func (m *Model) validateNetwork() error {
	n := m.Network
	if n == nil {
		return nil
	}
	if err := n.Validate(); err != nil {
		return err
	}
	want, err := decide.Complete(n.Frames, m.Layers())
	if err != nil {
		return err
	}
	if got := n.Frames.Canonical(); got != want {
		return fmt.Errorf("its frames are not of these layers: expected %dx%d pixels and %d features, found %dx%d and %d",
			want.Width, want.Height, want.Features, got.Width, got.Height, got.Features)
	}
	return nil
}
