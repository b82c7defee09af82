package edit_test

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
)

// sink is a writer that has no place for some events and triggers, and keeps the others.
type sink struct {
	in       []events.Event
	triggers []events.Trigger
	channels int
}

func (s *sink) Write(in []events.Event) error {
	for _, e := range in {
		if e.Y == 9 {
			return events.Unheld(int64(len(s.in)), "y %d: a sink holds no row 9", e.Y)
		}
		s.in = append(s.in, e)
	}
	return nil
}

func (*sink) Close() error { return nil }

// edges is a sink with a place for triggers but those of channel 3.
type edges struct{ sink }

func (s *edges) WriteTrigger(t events.Trigger) error {
	if t.ID == 3 {
		return events.UnheldTrigger(int64(len(s.in)), "channel 3")
	}
	t.After = int64(len(s.in))
	s.triggers = append(s.triggers, t)
	return nil
}

func (s *edges) TriggerChannels() int { return s.channels }

// What a writer can hold is copied, triggers in their place; what it cannot hold is counted
// where that is asked for, and else ends the copy where it stands.
func TestCopy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, triggers := draw(t, "one", true)
		for i := range triggers {
			triggers[i].ID %= 7
		}
		s := &edges{sink{channels: rapid.SampledFrom([]int{1, 5}).Draw(t, "channels")}}
		g := events.Geometry{Width: rapid.IntRange(10, 20).Draw(t, "width"), Height: 10}
		c, damage, err := edit.Copy(t.Context(), s, source(t, in, triggers), edit.CopyOptions{Geometry: g, Lenient: true})
		require.NoError(t, err)
		require.NoError(t, damage)
		var want []element
		var unheld, edgeless, channels, channelless int64
		var firstUnheld int
		for _, e := range weave(in, triggers) {
			switch {
			case e.trigger == nil && (e.Y == 9 || !g.Contains(e.X, e.Y)):
				unheld++
			case e.trigger == nil:
				want = append(want, e)
				if unheld == 0 {
					firstUnheld++
				}
			case s.channels > 1 && e.trigger.ID >= 5:
				channelless++
			case s.channels > 1 && e.trigger.ID == 3:
				edgeless++
			default:
				if s.channels == 1 && e.trigger.ID != 0 {
					channels++
					e.trigger.ID = 0
				}
				want = append(want, e)
			}
		}
		require.Equal(t, append([]element{}, want...), weave(s.in, s.triggers))
		require.Equal(t, []int64{int64(len(s.in)), int64(len(s.triggers)), unheld, edgeless, 0, channels, channelless, 0}, []int64{c.Events, c.Triggers, c.Unheld, c.UnheldTriggers, c.Placeless, c.Channels, c.Channelless, c.Lost})
		require.Equal(t, unheld > 0, c.FirstUnheld != nil)
		require.Equal(t, edgeless > 0, c.FirstUnheldTrigger != nil)

		plain := new(sink)
		c, _, err = edit.Copy(t.Context(), plain, source(t, in, triggers), edit.CopyOptions{Geometry: g})
		require.Len(t, plain.in, firstUnheld)
		if unheld > 0 {
			var at *events.UnheldError
			require.ErrorAs(t, err, &at)
			require.Equal(t, int64(firstUnheld), at.Event)
			return
		}
		require.NoError(t, err)
		require.Equal(t, int64(len(triggers)), c.Placeless)
	})
}

func TestCopyDamage(t *testing.T) {
	s := new(sink)
	c, damage, err := edit.Copy(t.Context(), s, &made{in: five, damage: map[int]error{3: mends}, most: 2}, edit.CopyOptions{})
	require.NoError(t, err)
	require.Equal(t, error(mends), damage)
	require.Equal(t, int64(3), c.Events)
	require.Equal(t, five[:3], s.in)

	ctx, cancel := context.WithCancel(t.Context())
	_, damage, err = edit.Copy(ctx, s, &made{in: five, most: 1}, edit.CopyOptions{Each: cancel})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, damage)
}

// endless makes events as they are read, and holds none.
type endless struct{ left, t int64 }

func (*endless) Header() events.Header     { return events.Header{Format: "made", Geometry: hd} }
func (*endless) Skipped() map[string]int64 { return map[string]int64{} }

var hd = events.Geometry{Width: 1280, Height: 720}

func (r *endless) Read(p *events.Packet) error {
	p.Reset()
	for ; p.Room() > 0 && r.left > 0; r.left-- {
		r.t += r.left & 1
		p.Events = append(p.Events, events.Event{T: r.t, X: uint16(r.left * 7 % 1280), Y: uint16(r.left * 11 % 720), P: events.Polarity(r.left & 1)})
	}
	if len(p.Events) == 0 {
		return io.EOF
	}
	return nil
}

// heap counts what is written and watches how much memory is in use meanwhile.
type heap struct {
	bytes, calls int64
	most         uint64
}

func (h *heap) Write(b []byte) (int, error) {
	h.bytes += int64(len(b))
	if h.calls++; h.calls%100 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.most = max(h.most, m.HeapInuse)
	}
	return len(b), nil
}

// Fifty million events come through a pipe as EVT 3.0 and leave as EVT 2.0, cut and merged on
// the way, in some megabytes of memory.
func TestCopyHoldsNothing(t *testing.T) {
	n := int64(50_000_000)
	if testing.Short() || underRace {
		n = 2_000_000
	}
	pr, pw := io.Pipe()
	t.Cleanup(func() { require.NoError(t, pr.Close()) })
	wrote := make(chan error, 1)
	go func() {
		w, err := formattest.Format(t, "evt3").NewWriter(pw, events.Header{Geometry: hd})
		if err == nil {
			_, _, err = edit.Copy(context.Background(), w, &endless{left: n}, edit.CopyOptions{})
		}
		if err == nil {
			err = w.Close()
		}
		wrote <- err
		_ = pw.Close() // a pipe's end has no error
	}()
	r := edit.NewWindow(edit.NewMerge(edit.NewPeek(formattest.NewReader(t, "evt3", pr, events.Geometry{})), &endless{left: 1000}), edit.Always, edit.Never)
	h := new(heap)
	w, err := formattest.Format(t, "evt2").NewWriter(h, events.Header{Geometry: hd})
	require.NoError(t, err)
	c, damage, err := edit.Copy(t.Context(), w, r, edit.CopyOptions{Geometry: hd})
	require.NoError(t, err)
	require.NoError(t, damage)
	require.NoError(t, w.Close())
	require.NoError(t, <-wrote)
	require.Equal(t, n+1000, c.Events)
	require.Less(t, h.most, uint64(32<<20))
	t.Logf("%d events, %d bytes written, at most %.1f MiB in use", c.Events, h.bytes, float64(h.most)/(1<<20))
}

// BenchmarkCopy is what convert does between its files, EVT 3.0 to EVT 2.0, at ten million
// events a second of the recording's time.
func BenchmarkCopy(b *testing.B) {
	in := formattest.Scene(1, 1<<20, 0, hd)
	for i := range in {
		in[i].T >>= 8
	}
	raw := formattest.Write(b, "evt3", hd, in)
	to := formattest.Format(b, "evt2")
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		w, err := to.NewWriter(io.Discard, events.Header{Geometry: hd})
		require.NoError(b, err)
		c, damage, err := edit.Copy(b.Context(), w, edit.NewPeek(formattest.NewReader(b, "evt3", bytes.NewReader(raw), events.Geometry{})), edit.CopyOptions{Geometry: hd})
		if damage != nil || err != nil || c.Events != int64(len(in)) || w.Close() != nil {
			b.Fatal(c, damage, err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
}
