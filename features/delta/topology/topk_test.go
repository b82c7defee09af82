package topology_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// A topk says how many values it keeps, in one way, and prints it in that way.
func TestTopK(t *testing.T) {
	const text = "input: {channels: 5, height: 4, width: 10, max: 9}\nlayers: [{name: cut, type: cut}, {name: most, type: topk, %s}]"
	for field, keep := range map[string]int{"k: 1": 1, "k: 200": 200, "share: 0.1": 20, "share: 1": 200, "share: 0.000001": 1, "share: 0.0126": 3, "share: 1e-2": 2} {
		top, err := topology.Parse(fmt.Appendf(nil, text, field), "")
		require.NoError(t, err, field)
		again, err := topology.Parse([]byte(top.String()), "")
		require.NoError(t, err, top)
		g, err := again.Resolve()
		require.NoError(t, err)
		require.Equal(t, keep, g.Last().Keep(), field)
		require.Equal(t, top, again)
	}
	for field, says := range map[string]string{
		"k: 201":           "topology t:2:62: layer most: k: expected 1 to the 200 values of its input, found 201",
		"k: 0":             "topology t:2:62: layer most: k: expected a number from 1, found 0",
		"share: 0":         `topology t:2:66: layer most: share: expected a number from 0.000001 to 1, found "0"`,
		"share: 1.01":      `topology t:2:66: layer most: share: expected a number from 0.000001 to 1, found "1.01"`,
		"share: nan":       `share: expected a number from 0.000001 to 1, found "nan"`,
		"share: 0.1, k: 3": "layer most: share: expected k or share, found both",
		"from: cut":        "layer most: expected k or share, found neither",
		"step: layer":      `layer most: expected one of the fields name, type, from, k, share, found "step"`,
	} {
		_, err := topology.Parse(fmt.Appendf(nil, text, field), "t")
		require.ErrorContains(t, err, says)
	}
	top := &topology.Topology{Input: topology.Input{Shape: topology.Shape{Channels: 3, Height: 1, Width: 1}, Max: 1}, Layers: []topology.Layer{{Name: "most", Kind: topology.TopK, Share: -1}}}
	_, err := top.Resolve()
	require.ErrorContains(t, err, "layer most: share: expected a number from 0.000001 to 1, found -1")
}
