package model

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
)

// The sections of a network: that of package delta, and the parts of package decide.
const (
	sectionFrames   = decide.PartFrames
	sectionNetwork  = "network"
	sectionLabels   = decide.PartLabels
	sectionInterval = decide.PartInterval
	sectionWhole    = decide.PartWhole
)

// networkSections are those of a model with a network.
func (m *Model) networkSections() ([]section, error) {
	parts, err := m.Network.Parts()
	if err != nil {
		return nil, err
	}
	net, err := m.Network.Net.MarshalBinary()
	if err != nil {
		return nil, err
	}
	parts[sectionNetwork] = net
	var out []section
	for _, name := range []string{sectionFrames, sectionNetwork, sectionLabels, sectionInterval, sectionWhole} {
		if data, there := parts[name]; there {
			out = append(out, section{name, data})
		}
	}
	return out, nil
}

// joinNetwork reads the sections of a network, where there are any.
func (m *Model) joinNetwork(sections map[string][]byte) error {
	data, there := sections[sectionNetwork]
	if !there {
		for _, name := range decide.PartNames() {
			if _, alone := sections[name]; alone {
				return fmt.Errorf("expected a section %q beside %q, found none", sectionNetwork, name)
			}
		}
		return nil
	}
	n, err := decide.FromParts(new(delta.Network), sections)
	if err != nil {
		return err
	}
	if err := n.Net.UnmarshalBinary(data); err != nil {
		return fmt.Errorf("section %s: %w", sectionNetwork, err)
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
