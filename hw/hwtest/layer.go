package hwtest

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// Layer checks that the layers that open makes do what those of reference do, to
// the bit, on every one of the streams. Each call of either function gives a new
// layer of the same configuration with the same weights, learning on.
//
// Compared are the result of every event and, at the end of each run, the state:
// a state's bytes are the same on every target, so that a stream can be stopped
// on one and continued on another.
func Layer(t *testing.T, open, reference func(t testing.TB) hw.Layer, streams ...Stream) {
	t.Helper()
	if len(streams) == 0 {
		t.Fatal("no streams to compare the layers on")
	}
	for i, s := range streams {
		t.Run(s.Name, func(t *testing.T) {
			c := &comparison{open: open, reference: reference, events: s.Events}
			rng := rand.New(rand.NewPCG(uint64(i), uint64(len(s.Events))))
			t.Run("packets", c.packets)
			t.Run("switched", func(t *testing.T) { c.switched(t, rng) })
			t.Run("carried over", func(t *testing.T) { c.carriedOver(t, rng) })
			t.Run("state refused", c.stateRefused)
		})
	}
}

// comparison is of two makes of a layer on one stream.
type comparison struct {
	open, reference func(t testing.TB) hw.Layer
	events          []events.Event
}

// run puts events through a layer in packets of at most size.
func run(t testing.TB, l hw.Layer, in []events.Event, size int) []int16 {
	t.Helper()
	winners := make([]int16, len(in))
	for at := 0; at < len(in); at += size {
		end := min(at+size, len(in))
		if err := l.Process(in[at:end:end], winners[at:end:end]); err != nil {
			t.Fatalf("events %d to %d: %v", at, end, err)
		}
	}
	return winners
}

func state(t testing.TB, l hw.Layer) []byte {
	t.Helper()
	b, err := l.MarshalBinary()
	if err != nil {
		t.Fatalf("taking the state: %v", err)
	}
	return b
}

func sameWinners(t testing.TB, what string, in []events.Event, got, want []int16) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: event %d of %d (%+v): expected %d, found %d", what, i, len(want), in[i], want[i], got[i])
		}
	}
}

func sameState(t testing.TB, what string, got, want hw.Layer) {
	t.Helper()
	a, b := state(t, got), state(t, want)
	if bytes.Equal(a, b) {
		return
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	t.Fatalf("%s: the results are equal but the states differ from byte %d on (%d and %d bytes)", what, at, len(a), len(b))
}

// packets runs the stream with learning on; how it is cut into packets changes
// nothing.
func (c *comparison) packets(t *testing.T) {
	reference := c.reference(t)
	want := run(t, reference, c.events, events.DefaultPacketEvents)
	for i, w := range want {
		if w < hw.Ignored {
			t.Fatalf("event %d: the reference gives %d, which is no result", i, w)
		}
	}
	for _, size := range []int{1, 7, events.DefaultPacketEvents} {
		l := c.open(t)
		if err := l.Process(nil, nil); err != nil {
			t.Fatalf("an empty packet: %v", err)
		}
		what := "in packets of " + map[int]string{1: "one event", 7: "seven", events.DefaultPacketEvents: "full length"}[size]
		sameWinners(t, what, c.events, run(t, l, c.events, size), want)
		sameState(t, what, l, reference)
	}
}

// switched turns learning off and on again and resets the surfaces on the way.
func (c *comparison) switched(t *testing.T, rng *rand.Rand) {
	l, reference := c.open(t), c.reference(t)
	learning := true
	for rest := c.events; len(rest) > 0; {
		n := min(1+rng.IntN(len(c.events)/6+1), len(rest))
		got, want := run(t, l, rest[:n], 64), run(t, reference, rest[:n], 64)
		sameWinners(t, "with learning switched and surfaces reset", rest[:n], got, want)
		rest = rest[n:]
		if rng.IntN(3) > 0 {
			learning = !learning
			l.SetLearning(learning)
			reference.SetLearning(learning)
		}
		if rng.IntN(3) == 0 {
			l.Reset()
			reference.Reset()
		}
	}
	sameState(t, "with learning switched and surfaces reset", l, reference)
}

// carriedOver stops the stream, takes the state from one make of layer into the
// other, and continues: as if it had not been stopped.
func (c *comparison) carriedOver(t *testing.T, rng *rand.Rand) {
	whole := c.reference(t)
	want := run(t, whole, c.events, events.DefaultPacketEvents)
	somewhere := func() int { return rng.IntN(len(c.events)) }
	for _, way := range []struct {
		name     string
		from, to func(t testing.TB) hw.Layer
		cuts     []int
	}{
		{"from the reference into the target", c.reference, c.open, []int{somewhere()}},
		{"from the target into the reference", c.open, c.reference, []int{somewhere(), len(c.events)}},
		{"from the target into another", c.open, c.open, []int{0, somewhere()}},
	} {
		for _, cut := range way.cuts {
			from, to := way.from(t), way.to(t)
			run(t, from, c.events[:cut], 512)
			// What the other has done before leaves nothing behind.
			run(t, to, c.events[len(c.events)-len(c.events)/8:], 512)
			to.SetLearning(false)
			if err := to.UnmarshalBinary(state(t, from)); err != nil {
				t.Fatalf("%s, behind %d events: putting the state back: %v", way.name, cut, err)
			}
			sameState(t, way.name, to, from)
			sameWinners(t, way.name, c.events[cut:], run(t, to, c.events[cut:], 512), want[cut:])
			sameState(t, way.name+", at the end", to, whole)
			// Nor has taking the state changed the layer that it was taken from.
			sameWinners(t, way.name+", in the first layer", c.events[cut:], run(t, from, c.events[cut:], 512), want[cut:])
			sameState(t, way.name+", in the first layer at the end", from, whole)
		}
	}
}

// stateRefused puts back what is no whole state: an error, and nothing changed.
func (c *comparison) stateRefused(t *testing.T) {
	l := c.open(t)
	half := len(c.events) / 2
	run(t, l, c.events[:half], 512)
	whole := state(t, l)
	for _, bad := range [][]byte{
		nil, whole[:1], whole[:len(whole)/3], whole[:len(whole)/2], whole[:len(whole)-1],
		append(bytes.Clone(whole), 0), append([]byte{^whole[0]}, whole[1:]...),
	} {
		if err := l.UnmarshalBinary(bad); err == nil {
			t.Fatalf("%d bytes that are no state of %d: expected an error, found none", len(bad), len(whole))
		}
		if !bytes.Equal(whole, state(t, l)) {
			t.Fatalf("%d bytes that are no state of %d: the layer was changed", len(bad), len(whole))
		}
	}
}
