package sensor

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// bar is a bright bar that crosses the sensor at an even pace.
type bar struct {
	g     events.Geometry
	speed float64 // pixels a us
	fail  int64   // us, from when on it fails
}

var errBar = errors.New("the bar has gone")

func (b bar) Geometry() events.Geometry { return b.g }

func (b bar) Luminance(t int64, frame []float32) error {
	if b.fail > 0 && t >= b.fail {
		return errBar
	}
	x := float64(t) * b.speed
	for i := range frame {
		d := math.Abs(float64(i%b.g.Width) - x)
		frame[i] = 10 + 90*float32(max(0, 3-d))/3
	}
	return nil
}

func newBar() bar { return bar{g: events.Geometry{Width: 32, Height: 24}, speed: 0.0005} }

func record(t *testing.T, scene Scene, packet int, end int64) []events.Event {
	s, err := New(scene.Geometry(), DefaultConfig(), 5)
	require.NoError(t, err)
	r, err := NewReader(t.Context(), s, scene, 0, end, 9)
	require.NoError(t, err)
	require.Equal(t, events.Header{Format: "simulated", Geometry: scene.Geometry()}, r.Header())
	p := events.NewPacket(packet)
	var all []events.Event
	for {
		err := r.Read(p)
		if errors.Is(err, io.EOF) {
			require.Empty(t, p.Events)
			require.ErrorIs(t, r.Read(p), io.EOF, "the end stays the end")
			require.Empty(t, r.Skipped())
			return all
		}
		require.NoError(t, err)
		require.NotEmpty(t, p.Events)
		require.LessOrEqual(t, len(p.Events), packet)
		all = append(all, p.Events...)
	}
}

// digest is of what a machine may not change.
func digest(all []events.Event) string {
	h := sha256.New()
	for _, e := range all {
		b := binary.LittleEndian.AppendUint64(nil, uint64(e.T))
		b = binary.LittleEndian.AppendUint16(b, e.X)
		b = binary.LittleEndian.AppendUint16(b, e.Y)
		h.Write(append(b, byte(e.P)))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// The digest was taken on amd64 and checked on arm64: a change of it is a change
// of what every recorded seed stands for.
func TestRecordingIsTheSameEverywhere(t *testing.T) {
	all := record(t, newBar(), 4096, 60000)
	require.Equal(t, "665e92020ed47475", digest(all), "%d events", len(all))
}

func TestPacketsDoNotMatter(t *testing.T) {
	want := record(t, newBar(), 4096, 40500)
	require.Greater(t, len(want), 1000)
	require.Greater(t, want[len(want)-1].T, int64(40000), "the last step is as long as is left")
	for _, packet := range []int{1, 7, 1000} {
		require.Equal(t, want, record(t, newBar(), packet, 40500), "packets of %d", packet)
	}
}

// What a bar leaves behind: ON events before it, OFF events behind it.
func TestBarLeadsOnTrailsOff(t *testing.T) {
	b := newBar()
	var lead, trail float64
	var on, off int
	for _, e := range record(t, b, 4096, 60000) {
		ahead := float64(e.X) - float64(e.T)*b.speed
		if math.Abs(ahead) > 4 {
			continue // noise
		}
		if e.P == events.On {
			lead += ahead
			on++
		} else {
			trail += ahead
			off++
		}
	}
	require.InDelta(t, 1, float64(on)/float64(off), 0.25)
	require.Greater(t, lead/float64(on), 0.5)
	require.Less(t, trail/float64(off), -0.5)
}

func TestReaderErrors(t *testing.T) {
	scene := newBar()
	s, err := New(scene.g, DefaultConfig(), 0)
	require.NoError(t, err)
	for _, times := range [][2]int64{{1, 0}, {-maxTime - 1, 0}, {0, maxTime + 1}} {
		_, err = NewReader(t.Context(), s, scene, times[0], times[1], 0)
		require.ErrorContains(t, err, "expected times in order")
	}
	_, err = NewReader(t.Context(), s, bar{g: events.Geometry{Width: 1, Height: 1}}, 0, 1, 0)
	require.ErrorContains(t, err, "a scene of 1x1 pixels before a sensor of 32x24")
	scene.fail = 1
	_, err = NewReader(t.Context(), s, scene, 1, 2, 0)
	require.ErrorIs(t, err, errBar)

	// A scene that fails on the way: the events before are delivered, the error stays.
	scene.fail = 30000
	r, err := NewReader(t.Context(), s, scene, 0, 100000, 0)
	require.NoError(t, err)
	p := events.NewPacket(1 << 16)
	require.ErrorIs(t, r.Read(p), errBar)
	require.NotEmpty(t, p.Events)
	require.ErrorIs(t, r.Read(p), errBar)
	require.Empty(t, p.Events)
}

func TestReaderHonoursItsContext(t *testing.T) {
	scene := newBar()
	s, err := New(scene.g, DefaultConfig(), 0)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := NewReader(ctx, s, scene, 0, int64(time.Hour/time.Microsecond), 0)
	require.NoError(t, err)
	p := events.NewPacket(16)
	require.NoError(t, r.Read(p))
	cancel()
	for err = nil; err == nil; {
		err = r.Read(p)
	}
	require.ErrorIs(t, err, context.Canceled)
}

// BenchmarkReader is of a sensor of the usual small size before a moving bar.
func BenchmarkReader(b *testing.B) {
	scene := bar{g: events.Geometry{Width: 346, Height: 260}, speed: 0.001}
	s, err := New(scene.g, DefaultConfig(), 0)
	require.NoError(b, err)
	p := events.NewPacket(events.DefaultPacketEvents)
	total, frames := 0, 0
	for b.Loop() {
		r, err := NewReader(b.Context(), s, scene, 0, 50000, 1)
		require.NoError(b, err)
		for {
			if err := r.Read(p); err != nil {
				require.ErrorIs(b, err, io.EOF)
				break
			}
			total += len(p.Events)
		}
		frames += 50
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames*len(s.pixels)), "ns/pixel-step")
}
