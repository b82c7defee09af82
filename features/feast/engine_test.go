package feast_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// board is a target whose engines are the definition, but for what a test makes of them.
type board struct {
	hw.Target
	change func(e hw.Engine) hw.Engine
}

func (board) Name() string { return "board" }

func (b board) Open(c hw.EngineConfig) (hw.Engine, error) { return b.change(hwtest.NewEngine(c)), nil }

// A layer is the same on any engine that keeps the rule.
func TestAnyEngine(t *testing.T) {
	b := board{purego(t), func(e hw.Engine) hw.Engine { return e }}
	for _, c := range configs() {
		if c.Mode == feast.Planes || c.Radius > 6 {
			continue
		}
		t.Run(describe(c), func(t *testing.T) {
			streams := hwtest.Streams(c.Geometry(), streamLength(c, 20_000), 5)
			hwtest.Layer(t, opener(c, b), opener(c, b.Target), streams[2], streams[6], streams[10])
		})
	}
}

// bent is an engine whose answers are bent.
type bent struct {
	hw.Engine
	winners func(winners []int16)
	state   func(s hw.EngineState)
}

func (b bent) Process(in []hw.EngineEvent, winners []int16) error {
	err := b.Engine.Process(in, winners)
	if b.winners != nil {
		b.winners(winners)
	}
	return err
}

func (b bent) Store(s hw.EngineState) error {
	err := b.Engine.Store(s)
	if b.state != nil {
		b.state(s)
	}
	return err
}

// What cannot be a result, or a state, is as good as no answer.
func TestImpossibleAnswers(t *testing.T) {
	c := feast.Default()
	in := movingEdges(c, 600)
	for name, b := range map[string]bent{
		"a winner beyond the last": {winners: func(w []int16) { w[len(w)/2] = int16(c.Features()) }},
		"a result of no meaning":   {winners: func(w []int16) { w[0] = -100 }},
		"an event without answer":  {winners: func(w []int16) { w[len(w)-1] = -1 << 15 }},
		"a stamp of the future":    {state: func(s hw.EngineState) { set(s.Cells, hw.MaxStamp) }},
		"weights beyond length":    {state: func(s hw.EngineState) { set(s.Master, 1<<30) }},
		"no cosine":                {state: func(s hw.EngineState) { set(s.Thresholds, 1<<30) }},
	} {
		t.Run(name, func(t *testing.T) {
			target := board{purego(t), func(e hw.Engine) hw.Engine { b.Engine = e; return b }}
			l, err := feast.New(c, target)
			require.NoError(t, err)
			reference, err := feast.New(c, target.Target)
			require.NoError(t, err)
			for range 2 {
				got, want := make([]int16, len(in)), make([]int16, len(in))
				require.NoError(t, l.Process(in, got))
				require.NoError(t, reference.Process(in, want))
				require.Equal(t, want, got)
				require.Equal(t, reference.Thresholds(), l.Thresholds())
				a, err := l.MarshalBinary()
				require.NoError(t, err)
				b, err := reference.MarshalBinary()
				require.NoError(t, err)
				require.True(t, bytes.Equal(b, a), "the states differ")
			}
			device, failure := l.Device()
			require.Equal(t, "board", device, "its processor has no other name")
			require.ErrorContains(t, failure, "expected")
		})
	}
}

// set sets an element in the middle, where there are any.
func set[T any](all []T, v T) {
	if len(all) > 0 {
		all[len(all)/2] = v
	}
}
