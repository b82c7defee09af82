package stack_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// three layers of a small sensor, the second pooled and the third over few features.
func three() []stack.Config {
	first := feast.Default()
	first.Width, first.Height, first.Neurons, first.Radius, first.Eta = 13, 11, 4, 2, 0.01
	second := first
	second.Neurons, second.Radius, second.Border, second.Tau = 5, 1, feast.BorderZero, 40*time.Millisecond
	third := second
	third.Decay, third.Last = feast.DecayIndex, 80
	return []stack.Config{{Feast: first, Pool: 1}, {Feast: second, Pool: 2}, {Feast: third, Pool: 3}}
}

func open(t testing.TB, target hw.Target) *stack.Stack {
	t.Helper()
	s, err := stack.New(three(), target)
	require.NoError(t, err)
	return s
}

func purego(t testing.TB) hw.Target {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

func TestComplete(t *testing.T) {
	c, err := stack.Complete(three())
	require.NoError(t, err)
	require.Equal(t, feast.Split, c[0].Feast.Mode)
	second, third := c[1].Feast, c[2].Feast
	require.Equal(t, []any{feast.Planes, 8, 7, 6, 5}, []any{second.Mode, second.Planes, second.Width, second.Height, second.Features()})
	require.Equal(t, []any{feast.Planes, 5, 3, 2}, []any{third.Mode, third.Planes, third.Width, third.Height})
	again, err := stack.Complete(c)
	require.NoError(t, err)
	require.Equal(t, c, again)

	for says, change := range map[string]func(c []stack.Config) []stack.Config{
		"expected 1 to 8 layers, found 0":      func([]stack.Config) []stack.Config { return nil },
		"expected 1 to 8 layers, found 9":      func(c []stack.Config) []stack.Config { return append(append(c, c...), c...) },
		"layer 1: pool: expected 1":            func(c []stack.Config) []stack.Config { c[0].Pool = 2; return c },
		"layer 2: pool 0: expected 1 to 64":    func(c []stack.Config) []stack.Config { c[1].Pool = 0; return c },
		"layer 3: pool 65: expected 1 to 64":   func(c []stack.Config) []stack.Config { c[2].Pool = 65; return c },
		"layer 2: neurons 0":                   func(c []stack.Config) []stack.Config { c[1].Feast.Neurons = 0; return c },
		"layer 2: planes 8: expected a patch":  func(c []stack.Config) []stack.Config { c[1].Feast.Radius = 31; return c },
		"layer 2: planes 258: expected 1 to 2": func(c []stack.Config) []stack.Config { c[0].Feast.Neurons = 129; return c },
	} {
		_, err := stack.New(change(three()), purego(t))
		require.ErrorContains(t, err, says)
	}
}

func TestCheck(t *testing.T) {
	layers := three()
	require.NoError(t, stack.Check(layers))
	layers[0].Feast.Width, layers[0].Feast.Height = 0, 0 // it comes with the sensor
	require.NoError(t, stack.Check(layers))
	require.Zero(t, layers[0].Feast.Width, "what was handed in stays")
	layers[2].Feast.Neurons = -1
	require.ErrorContains(t, stack.Check(layers), "layer 3: neurons -1")
	require.ErrorContains(t, stack.Check(nil), "expected 1 to 8 layers, found 0")
	require.Equal(t, three(), stack.Of(three()[0].Feast, three()[1:]...))
}

// by runs the layers one after the other over a whole stream, event by event: what a
// stack is.
func by(t testing.TB, layers []stack.Config, in []events.Event) (winners [][]int16) {
	t.Helper()
	complete, err := stack.Complete(layers)
	require.NoError(t, err)
	var all []*feast.Layer
	for _, c := range complete {
		l, err := feast.New(c.Feast, purego(t))
		require.NoError(t, err)
		all = append(all, l)
	}
	winners = make([][]int16, len(all))
	for _, e := range in {
		answer := make([]int16, 1)
		for i, l := range all {
			if i == 0 || answer[0] >= 0 {
				if i > 0 {
					e.P = events.Polarity(answer[0])
					e.X, e.Y = e.X/uint16(complete[i].Pool), e.Y/uint16(complete[i].Pool)
				}
				require.NoError(t, l.Process([]events.Event{e}, answer))
			}
			winners[i] = append(winners[i], answer[0])
		}
	}
	return winners
}

func TestStackIsItsLayers(t *testing.T) {
	for _, s := range hwtest.Streams(events.Geometry{Width: 13, Height: 11}, 3000, 4) {
		want := by(t, three(), s.Events)
		l := open(t, purego(t))
		require.Equal(t, 3, l.Len())
		got := make([]int16, len(s.Events))
		for from := 0; from < len(got); {
			to := min(len(got), from+1+from%700)
			require.NoError(t, l.Process(s.Events[from:to], got[from:to]))
			require.Equal(t, want[0][from:to], l.Winners(0), s.Name)
			require.Equal(t, want[1][from:to], l.Winners(1), s.Name)
			from = to
		}
		require.Equal(t, want[2], got, s.Name)
	}
}

// Every target gives the same bits, learning on and off, in packets of any length,
// across states.
func TestTargetsAgree(t *testing.T) {
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		hwtest.Layer(t, func(t testing.TB) hw.Layer { return open(t, target) }, func(t testing.TB) hw.Layer { return open(t, purego(t)) },
			hwtest.Streams(events.Geometry{Width: 13, Height: 11}, 1500, 9)...)
	})
}

func TestWorkersGiveTheSameBits(t *testing.T) {
	in := hwtest.Streams(events.Geometry{Width: 13, Height: 11}, 60_000, 2)[0].Events
	one, two := open(t, purego(t)), open(t, purego(t))
	two.SetWorkers(2)
	for _, learning := range []bool{true, false} {
		one.SetLearning(learning)
		two.SetLearning(learning)
		got, want := make([]int16, len(in)), make([]int16, len(in))
		require.NoError(t, one.Process(in, want))
		require.NoError(t, two.Process(in, got))
		require.Equal(t, want, got)
	}
	a, err := one.MarshalBinary()
	require.NoError(t, err)
	b, err := two.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, a, b)
}

func TestLayerByLayer(t *testing.T) {
	in := hwtest.Streams(events.Geometry{Width: 13, Height: 11}, 3000, 2)[0].Events
	s := open(t, purego(t))
	start := s.Weights()
	winners := make([]int16, len(in))
	s.SetLearning(false)
	s.SetLearningOf(0, true)
	require.NoError(t, s.Process(in, winners))
	first := s.Weights()
	require.NotEqual(t, start[0], first[0])
	require.Equal(t, start[1:], first[1:])
	s.SetLearningOf(0, false)
	s.SetLearningOf(1, true)
	require.NoError(t, s.Process(in, winners))
	require.Equal(t, first[0], s.Weights()[0])
	require.NotEqual(t, first[1], s.Weights()[1])

	again, err := stack.NewWithWeights(s.Configs(), purego(t), s.Weights())
	require.NoError(t, err)
	require.Equal(t, s.Weights(), again.Weights())
	_, err = stack.NewWithWeights(s.Configs(), purego(t), s.Weights()[1:])
	require.ErrorContains(t, err, "expected weights of 3 layers, found 2")
}

func TestProcessDoesNotAllocate(t *testing.T) {
	in := hwtest.Streams(events.Geometry{Width: 13, Height: 11}, 3000, 2)[0].Events
	s := open(t, purego(t))
	winners := make([]int16, len(in))
	require.Zero(t, testing.AllocsPerRun(50, func() {
		if err := s.Process(in, winners); err != nil {
			t.Error(err)
		}
	}))
	require.PanicsWithValue(t, stack.PanicLengths, func() { _ = s.Process(in, winners[1:]) })
}

// used is a stack in the middle of a stream, and its state.
func used(t testing.TB) (*stack.Stack, []byte) {
	s := open(t, purego(t))
	in := hwtest.Streams(events.Geometry{Width: 13, Height: 11}, 300, 2)[0].Events
	require.NoError(t, s.Process(in, make([]int16, len(in))))
	return s, state(t, s)
}

func state(t testing.TB, s *stack.Stack) []byte {
	b, err := s.MarshalBinary()
	require.NoError(t, err)
	return b
}

func TestStateRefused(t *testing.T) {
	s, good := used(t)
	fresh := open(t, purego(t))
	before := state(t, fresh)
	refused := func(b []byte, says string) {
		t.Helper()
		require.ErrorContains(t, fresh.UnmarshalBinary(b), says)
		require.True(t, bytes.Equal(before, state(t, fresh)), "the stack is as it was")
	}
	for n := 0; n < len(good); n += 97 {
		refused(good[:n], "stack state")
	}
	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[at:], b)
		return out
	}
	refused(change(0, 'X'), `stack state at byte 0: expected "SSTK", found "XSTK"`)
	refused(change(4, 2), "stack state at byte 4: expected version 1, found 2")
	refused(change(6, 2), "stack state at byte 6: expected 3 layers, found 2")
	refused(change(15, 1), "stack state at byte 16: expected")
	refused(append(bytes.Clone(good), 0), "expected the end, found 1 bytes more")
	refused(change(len(good)-1, 0xff), "layer 3: feast state") // when two layers have theirs already
	require.NoError(t, fresh.UnmarshalBinary(good))
	require.Equal(t, state(t, s), state(t, fresh))
}

func FuzzState(f *testing.F) {
	s, good := used(f)
	fresh := state(f, open(f, purego(f)))
	f.Add(good)
	f.Add(fresh)
	f.Add(good[:len(good)/2])
	f.Add([]byte("SSTK\x01\x00\x03\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		require.NoError(t, s.UnmarshalBinary(fresh))
		if s.UnmarshalBinary(b) != nil {
			require.True(t, bytes.Equal(fresh, state(t, s)), "refused, and the stack was changed")
			return
		}
		require.NoError(t, s.Process([]events.Event{{T: 5, X: 3, Y: 3}, {T: -1, X: 9, Y: 9, P: 1}}, make([]int16, 2)))
	})
}

func TestFits(t *testing.T) {
	c := feast.Default()
	c.Radius, c.Width, c.Height = 5, 11, 11
	require.True(t, stack.Fits(c))
	c.Width = 10
	require.False(t, stack.Fits(c))
	c.Width, c.Height = 11, 10
	require.False(t, stack.Fits(c))
	c.Border = feast.BorderZero
	require.True(t, stack.Fits(c))
}
