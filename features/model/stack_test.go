package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// stacked is a model of three layers.
func stacked(t testing.TB) *model.Model {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius, c.Border = 9, 7, 3, 1, feast.BorderZero
	s, err := stack.New([]stack.Config{{Feast: c, Pool: 1}, {Feast: c, Pool: 2}, {Feast: c, Pool: 1}}, target)
	require.NoError(t, err)
	m := new(model.Model)
	m.SetStack(s)
	return m
}

func TestStackedRoundTrip(t *testing.T) {
	m := stacked(t)
	require.Equal(t, 3, m.Top().Features())
	b := marshal(t, m)
	var read model.Model
	require.NoError(t, read.UnmarshalBinary(b))
	require.Equal(t, *m, read)
	target, err := hw.Find("purego")
	require.NoError(t, err)
	s, err := read.Stack(target)
	require.NoError(t, err)
	require.Equal(t, m.Layers(), s.Configs())
	require.Equal(t, []feast.Weights{m.Weights, m.Upper[0].Weights, m.Upper[1].Weights}, s.Weights())
	require.False(t, s.Layer(2).Learning())
}

func TestStackedIsRefused(t *testing.T) {
	for says, change := range map[string]func(m *model.Model){
		"layer 2 does not fit the one before":      func(m *model.Model) { m.Upper[0].Feast.Planes = 5 },
		"layer 3 does not fit the one before":      func(m *model.Model) { m.Upper[1].Feast.Width++ },
		"layer 2: pool 0: expected 1 to 64":        func(m *model.Model) { m.Upper[0].Pool = 0 },
		"layer 3: weights: expected":               func(m *model.Model) { m.Upper[1].Weights.Master = nil },
		"stack: expected 1 to 8 layers, found 9":   func(m *model.Model) { m.Upper = append(m.Upper, make([]model.Upper, 6)...) },
		"layer 2: tau 0s: expected whole microsec": func(m *model.Model) { m.Upper[0].Feast.Tau = 0 },
	} {
		m := stacked(t)
		change(m)
		require.ErrorContains(t, m.Validate(), says)
		_, err := m.MarshalBinary()
		require.ErrorContains(t, err, says)
	}
}

// A file whose layers have a gap between them, or weights without their layer.
func TestStackedSections(t *testing.T) {
	good := marshal(t, stacked(t))
	for from, to := range map[string]string{
		"layer2\x00\x00": "layer5\x00\x00",
		"weights2":       "weights5",
		"weights3":       "weights4",
	} {
		b := []byte(string(good))
		at := len(b)
		for i := range len(b) - 8 {
			if string(b[i:i+8]) == from {
				at = i
				break
			}
		}
		require.Less(t, at, len(b))
		copy(b[at:], to)
		require.ErrorContains(t, new(model.Model).UnmarshalBinary(b), "expected a section")
	}
}
