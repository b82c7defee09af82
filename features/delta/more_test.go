package delta_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
)

// worth says of every layer with weights what its sums are worth: one number, or one a channel.
func worth(t testing.TB, n *delta.Network) *delta.Network {
	t.Helper()
	s := n.Scales()
	s.Sums = [][]float64{}
	var params []delta.Params
	for i := range n.Topology().Layers {
		params = append(params, *n.Params(i))
		if node := n.Graph().Nodes[i+1]; node.Kind.Weighted() {
			list := []float64{0.5}
			for len(s.Sums)%2 == 1 && len(list) < node.Out.Channels {
				list = append(list, float64(len(list)))
			}
			s.Sums = append(s.Sums, list)
		}
	}
	out, err := delta.New(n.Topology(), params, s)
	require.NoError(t, err)
	return out
}

func unitsOf(n *delta.Network) (b []byte) {
	for _, list := range n.Scales().Sums {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
		for _, v := range list {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	return b
}

// What else is known of a network stands beside it in version 2; the network is the same, and has the same name.
func TestVersion2(t *testing.T) {
	plain := branching(t)
	n := worth(t, plain)
	parts := append(sectionsOf(bytesOf(t, plain)), unitsOf(n))
	names := slices.Concat(sectionNames, []string{"units"})
	require.Equal(t, versionOf(2, names, parts), bytesOf(t, n))
	require.Equal(t, plain.Fingerprint(), n.Fingerprint())

	more := map[string][]byte{delta.SectionLabels: []byte("a"), delta.SectionFrames: nil, delta.SectionWhole: []byte("ccc")}
	b, err := n.MarshalWith(more)
	require.NoError(t, err)
	require.Equal(t, versionOf(2, append(names, "frames", "labels", "whole"), append(parts, nil, []byte("a"), []byte("ccc"))), b)
	again := new(delta.Network)
	got, err := again.UnmarshalWith(b)
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{"labels": []byte("a"), "frames": {}, "whole": []byte("ccc")}, got)
	require.Equal(t, bytesOf(t, n), bytesOf(t, again))
	require.NoError(t, again.UnmarshalBinary(b))
	got, err = again.UnmarshalWith(bytesOf(t, plain))
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = n.MarshalWith(map[string][]byte{"topology": nil})
	require.ErrorContains(t, err, `section "topology": expected one of ["frames" "labels" "interval" "whole"]`)
}

func TestVersion2Refused(t *testing.T) {
	n := worth(t, branching(t))
	good := bytesOf(t, n)
	parts := sectionsOf(good)
	names := slices.Concat(sectionNames, []string{"units"})
	into := branching(t)
	before := bytesOf(t, into)
	refused := func(b []byte, says string) {
		t.Helper()
		require.ErrorContains(t, into.UnmarshalBinary(b), says)
		require.True(t, bytes.Equal(before, bytesOf(t, into)))
	}
	with := func(units []byte) []byte { return versionOf(2, names, append(parts[:3:3], units)) }
	refused(versionOf(1, names, parts), "at byte 12: expected 3 sections, found 4")
	refused(versionOf(3, names, parts), "at byte 8: expected version 1 or 2, found 3")
	refused(versionOf(2, names[:2], parts[:2]), "at byte 12: expected 3 to 8 sections, found 2")
	refused(versionOf(2, names[1:], parts[1:]), `expected a section "topology", found none`)
	refused(versionOf(2, append(names[:3:3], "more"), parts), `found "more"`)
	refused(with(parts[3][:len(parts[3])-1]), "scales of sums: expected ")
	refused(with(append(bytes.Clone(parts[3]), 0)), "expected the end, found 1 bytes more")
	huge := bytes.Clone(parts[3])
	copy(huge, "\xff\xff\xff\xff")
	refused(with(huge), "section units: layer conv1: at byte 4: scales of sums: expected 2147483647 numbers of 8 bytes")
	zero := bytes.Clone(parts[3])
	copy(zero[4:], make([]byte, 8))
	refused(with(zero), "layer conv1: scales of sums: expected numbers above 0, found 0")

	s := n.Scales()
	var params []delta.Params
	for i := range n.Topology().Layers {
		params = append(params, *n.Params(i))
	}
	for says, sums := range map[string][][]float64{
		"scales of sums: expected one of [1 ":                    {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		"expected those of every layer with weights, found of 1": s.Sums[:1],
		"expected those of every layer with weights, found of 0": {},
		"scales of sums: expected numbers above 0, found +Inf":   append([][]float64{{math.Inf(1)}}, s.Sums[1:]...),
		"layers with weights, found of":                          append(s.Sums[:len(s.Sums):len(s.Sums)], []float64{1}),
	} {
		other := s
		other.Sums = sums
		_, err := delta.New(n.Topology(), params, other)
		require.ErrorContains(t, err, says)
	}
}

// FuzzVersion2: whatever stands in the sections, it is a network that is written as it was read, or an error.
func FuzzVersion2(f *testing.F) {
	n := worth(f, branching(f))
	parts := sectionsOf(bytesOf(f, n))
	f.Add(parts[3], []byte(`{"width":3}`), []byte(`["a"]`))
	f.Add(parts[3][:9], []byte{}, []byte{})
	f.Add([]byte{}, []byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, units, frames, labels []byte) {
		b := versionOf(2, append(sectionNames[:3:3], "units", "frames", "labels"), append(parts[:3:3], units, frames, labels))
		got := new(delta.Network)
		more, err := got.UnmarshalWith(b)
		if err != nil {
			return
		}
		again, err := got.MarshalWith(more)
		require.NoError(t, err)
		require.Equal(t, b, again)
	})
}
