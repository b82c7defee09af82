package formats_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// formatCase is something that decodes the same bytes again and again, and what its
// speed is held against.
type formatCase struct {
	format, scene string
	data          []byte // all there is, headers included
	count         int    // events in it
	// decode decodes all of it into p, packet by packet, and tells how many events those
	// were. Each packet is handed to see, unless that is nil.
	decode func(p *events.Packet, see func([]events.Event)) (int, error)
	peer   *formatPeer // nil where there is none
}

// fileCase decodes a file that lies in memory, making the reader included. One that is read
// here and there is read so.
func fileCase(t testing.TB, format, scene string, f *events.Format, data []byte) *formatCase {
	src := bytes.NewReader(nil)
	c := &formatCase{format: format, scene: scene, data: data, decode: func(p *events.Packet, see func([]events.Event)) (n int, err error) {
		src.Reset(data)
		var r events.Reader
		if f.NewFileReader != nil {
			r, err = f.NewFileReader(src, src.Size(), events.Geometry{})
		} else {
			r, err = f.NewReader(src, events.Geometry{})
		}
		for err == nil {
			err = r.Read(p)
			n += len(p.Events)
			if see != nil {
				see(p.Events)
			}
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return n, err
	}}
	return c.counted(t)
}

// messageCase decodes messages.
func messageCase(t testing.TB, encoding, scene string, d events.Decoder, messages []message) *formatCase {
	var all []byte
	for _, m := range messages {
		all = append(all, m.data...)
	}
	c := &formatCase{format: encoding, scene: scene, data: all, decode: func(p *events.Packet, see func([]events.Event)) (n int, err error) {
		d.Reset()
		for _, m := range messages {
			for at := 0; at < len(m.data) && err == nil; {
				var taken int
				p.Reset()
				taken, err = d.Decode(m.h, m.data[at:], p)
				at, n = at+taken, n+len(p.Events)
				if see != nil {
					see(p.Events)
				}
			}
		}
		return n, err
	}}
	return c.counted(t)
}

func (c *formatCase) counted(t testing.TB) *formatCase {
	n, err := c.decode(events.NewPacket(events.DefaultPacketEvents), nil)
	require.NoError(t, err, "%s, %s", c.format, c.scene)
	require.Positive(t, n, "%s, %s", c.format, c.scene)
	c.count = n
	return c
}

// all are the events, for a comparison.
func (c *formatCase) all(t testing.TB) []events.Event {
	out := make([]events.Event, 0, c.count)
	_, err := c.decode(events.NewPacket(events.DefaultPacketEvents), func(in []events.Event) { out = append(out, in...) })
	require.NoError(t, err)
	return out
}

// formatSpeed is what rounds of a case took: medians of nanoseconds, and the best of ours.
type formatSpeed struct {
	decode, bytes, events, peer float64
	best                        float64
	allocations                 float64 // a packet of them, once the first has been read
}

// mevs is million events a second, and mbs million bytes.
func (c *formatCase) mevs(ns float64) float64 { return 1e3 * float64(c.count) / ns }
func (c *formatCase) mbs(ns float64) float64  { return 1e3 * float64(len(c.data)) / ns }

// stretch is how long each turn of a round takes at least: short enough that most of them
// are over before another process has the processor.
const stretch = time.Millisecond

// measure takes rounds. In each of them everything has its turn, so that what disturbs a
// round disturbs all of them: decoding, copying the same bytes, copying as many events
// from packet to packet, and the peer.
func (c *formatCase) measure(t testing.TB, next func() bool) formatSpeed {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p := events.NewPacket(events.DefaultPacketEvents)
	to := make([]byte, len(c.data))
	from, into := make([]events.Event, events.DefaultPacketEvents), make([]events.Event, events.DefaultPacketEvents)
	turns := []func(){
		func() {
			if n, err := c.decode(p, nil); n != c.count || err != nil {
				t.Fatalf("%s, %s: %d events of %d: %v", c.format, c.scene, n, c.count, err)
			}
		},
		func() { copy(to, c.data) },
		func() {
			for left := c.count; left > 0; left -= len(into) {
				copy(into[:min(left, len(into))], from)
			}
		},
	}
	times := make([]int, len(turns))
	for i, turn := range turns {
		for times[i] = 1; took(turn, times[i])*float64(times[i]) < float64(stretch.Nanoseconds()); {
			times[i] *= 2
		}
	}
	all := make([][]float64, len(turns)+1)
	for next() {
		for i, turn := range turns {
			all[i] = append(all[i], took(turn, times[i]))
		}
		if c.peer != nil {
			all[len(turns)] = append(all[len(turns)], c.peer.took(t, times[0]))
		}
	}
	return formatSpeed{
		decode: median(all[0]), bytes: median(all[1]), events: median(all[2]), peer: median(all[3]),
		best: slices.Min(all[0]), allocations: c.allocations(t, p),
	}
}

// allocations is how often decoding allocates for a packet, those aside that come before the
// first one is full.
func (c *formatCase) allocations(t testing.TB, p *events.Packet) float64 {
	var m runtime.MemStats
	var first, packets uint64
	_, err := c.decode(p, func([]events.Event) {
		packets++
		if packets == 1 {
			runtime.ReadMemStats(&m)
			first = m.Mallocs
		}
	})
	require.NoError(t, err)
	runtime.ReadMemStats(&m)
	return float64(m.Mallocs-first) / float64(packets)
}

// took gives the nanoseconds of one of so many calls.
func took(f func(), times int) float64 {
	start := time.Now()
	for range times {
		f()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(times)
}

func median(in []float64) float64 {
	if len(in) == 0 {
		return 0
	}
	slices.Sort(in)
	return in[len(in)/2]
}
