package model_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// withNetwork puts a network of random weights over frames into a model.
func withNetwork(t testing.TB, m *model.Model, c frames.Config) *model.Model {
	t.Helper()
	c, err := decide.Complete(c, m.Layers())
	require.NoError(t, err)
	top, err := topology.Parse(fmt.Appendf(nil, `
input: {channels: %d, height: %d, width: %d, max: %d}
layers:
  - {name: flat, type: flatten}
  - {name: out, type: linear, out: 2}
`, c.Planes(), c.Rows(), c.Columns(), c.Levels), "test")
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(3, 1))
	weights := make([]int8, 2*c.Len())
	for i := range weights {
		weights[i] = int8(rng.IntN(255) - 127)
	}
	net, err := delta.New(top, []delta.Params{{}, {Weights8: weights, Bias: []int32{3, -4}}}, delta.Scales{Input: 1, Output: []float64{0.01}})
	require.NoError(t, err)
	schedule, err := readout.Calibrate([][][]float64{{{1, 0}, {2, 0}}, {{0, 1}, {1, 0}}}, []int{0, 1}, 2)
	require.NoError(t, err)
	m.Network = &decide.Network{Frames: c, Net: net, Labels: []string{"no", "yes"}, Interval: schedule, Whole: schedule}
	require.NoError(t, m.Validate())
	return m
}

// networks are models with a network of each kind: on raw events and on features, alone
// and beside other things.
func networks(t testing.TB) map[string]*model.Model {
	raw := frames.Config{Every: 10 * time.Millisecond, Pool: 3}
	lower := frames.Config{Source: frames.Features, Layer: 1, Events: 100, Pool: 4}
	bare := withNetwork(t, features(small()), raw)
	bare.Network.Interval, bare.Network.Whole = nil, nil
	return map[string]*model.Model{
		"raw":      withNetwork(t, features(small()), raw),
		"bare":     bare,
		"lower":    withNetwork(t, stacked(t), lower),
		"last":     withNetwork(t, stacked(t), frames.Config{Source: frames.Features, Events: 100, Kind: frames.Surface, Tau: time.Second}),
		"readout":  withNetwork(t, whole(t, small(), pool.Config{}), raw),
		"schedule": withNetwork(t, every(t)["knn"], lower),
	}
}

// networkParts are the sections of a network by the layout in doc.go.
func networkParts(t testing.TB, n *decide.Network) []section {
	framing, err := json.Marshal(n.Frames)
	require.NoError(t, err)
	net, err := n.Net.MarshalBinary()
	require.NoError(t, err)
	labels, err := json.Marshal(n.Labels)
	require.NoError(t, err)
	out := []section{{"frames", framing}, {"network", net}, {"labels", labels}}
	for i, s := range []*readout.Schedule{n.Interval, n.Whole} {
		if s != nil {
			data, err := s.MarshalBinary()
			require.NoError(t, err)
			out = append(out, section{[]string{"interval", "whole"}[i], data})
		}
	}
	return out
}

func TestNetworks(t *testing.T) {
	for name, m := range networks(t) {
		b := marshal(t, m)
		if len(m.Upper) == 0 {
			require.Equal(t, fileOf(4, append(sections(t, m), networkParts(t, m.Network)...)...), b, name)
		}
		var read model.Model
		require.NoError(t, read.UnmarshalBinary(b), name)
		require.Equal(t, b, marshal(t, &read), name)
		require.Equal(t, m.Network.Frames, read.Network.Frames)
		require.Equal(t, m.Network.Labels, read.Network.Labels)
		require.Equal(t, m.Network.Net.Fingerprint(), read.Network.Net.Fingerprint())
		require.Equal(t, m.Network.Whole, read.Network.Whole)
		read.Network = nil
		without := *m
		without.Network = nil
		require.Equal(t, marshal(t, &without), marshal(t, &read), name)
		require.Less(t, marshal(t, &without)[8], byte(4), "without a network, it is of the version that it was")
	}
}

func TestNetworkRefused(t *testing.T) {
	for says, change := range map[string]func(m *model.Model){
		"network: expected a network, found none":                                     func(m *model.Model) { m.Network.Net = nil },
		"network: the network's input does not fit the frames":                        func(m *model.Model) { m.Network.Frames.Pool = 2 },
		"network: frames: layer 4: expected 1 to 3":                                   func(m *model.Model) { m.Network.Frames.Layer = 4 },
		"expected 9x7 pixels and 6 features, found 9x8 and 6":                         func(m *model.Model) { m.Network.Frames.Height = 8 },
		`network: label 1: "no" stands twice`:                                         func(m *model.Model) { m.Network.Labels = []string{"no", "no"} },
		"network: its frames are not of these layers: expected 9x7 pixels and 3 feat": func(m *model.Model) { m.Network.Frames.Layer = 2 },
	} {
		m := networks(t)["lower"]
		change(m)
		require.ErrorContains(t, m.Validate(), says)
		_, err := m.MarshalBinary()
		require.ErrorContains(t, err, says)
	}
}

func TestNetworkSections(t *testing.T) {
	m := networks(t)["raw"]
	first, behind := sections(t, m), networkParts(t, m.Network)
	change := func(i int, data string) []section {
		out := append([]section(nil), behind...)
		out[i].data = []byte(data)
		return out
	}
	for says, parts := range map[string][]section{
		`expected a section "network" beside "frames", found none`: behind[:1],
		`expected a section "network" beside "labels", found none`: behind[2:3],
		`expected a section "network" beside "whole", found none`:  behind[4:],
		`expected a section "frames", found none`:                  behind[1:],
		`expected a section "labels", found none`:                  behind[:2],
		"section frames: json: unknown field":                      change(0, `{"speed":3}`),
		"frames: geometry 0x0":                                     change(0, `null`),
		"section network: delta network: at byte 0":                change(1, "SACDELTO"),
		"labels: expected 2, one for each output":                  change(2, `["no"]`),
		"section labels: json":                                     change(2, `"no"`),
		"section interval: readout model at byte 4":                change(3, "ssch"),
	} {
		require.ErrorContains(t, new(model.Model).UnmarshalBinary(fileOf(4, append(first[:2:2], parts...)...)), says)
	}
	require.ErrorContains(t, new(model.Model).UnmarshalBinary(fileOf(3, append(first[:2:2], behind...)...)), `found "frames"`)
}

// Files of all versions are read and written again with the same bytes.
func TestOlderVersions(t *testing.T) {
	for name, want := range map[string]*model.Model{
		"v2-knn.model": every(t)["knn"], "v3-stack.model": stacked(t), "v4-network.model": networks(t)["raw"],
	} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		var read model.Model
		require.NoError(t, read.UnmarshalBinary(b))
		require.Equal(t, b, marshal(t, &read))
		require.Equal(t, b, marshal(t, want), name)
	}
}

// FuzzNetworkSections: whatever stands in the sections of a network, the model is
// refused, or written and read again.
func FuzzNetworkSections(f *testing.F) {
	first := sections(f, features(small()))
	for _, name := range []string{"raw", "bare"} {
		p := append(networkParts(f, networks(f)[name].Network), section{}, section{})
		f.Add(p[0].data, p[1].data, p[2].data, p[3].data, p[4].data)
	}
	f.Fuzz(func(t *testing.T, framing, net, labels, interval, whole []byte) {
		parts := slices.Concat(first[:2], []section{{"frames", framing}, {"network", net}, {"labels", labels}})
		if len(interval) > 0 {
			parts = append(parts, section{"interval", interval})
		}
		if len(whole) > 0 {
			parts = append(parts, section{"whole", whole})
		}
		var m model.Model
		if m.UnmarshalBinary(fileOf(4, parts...)) != nil {
			require.Nil(t, m.Network)
			return
		}
		written := marshal(t, &m)
		var again model.Model
		require.NoError(t, again.UnmarshalBinary(written))
		require.True(t, bytes.Equal(written, marshal(t, &again)))
	})
}

func TestRestsOnFeatures(t *testing.T) {
	all := networks(t)
	for name, want := range map[string]bool{"raw": false, "bare": false, "lower": true, "last": true, "readout": true, "schedule": true} {
		require.Equal(t, want, all[name].RestsOnFeatures(), name)
	}
	require.False(t, (&model.Model{}).RestsOnFeatures(), "features alone")
	require.True(t, every(t)["knn"].RestsOnFeatures())
}
