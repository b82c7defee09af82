package formats_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat2"
	"github.com/saccade-dev/saccade/events/es"
	"github.com/saccade-dev/saccade/events/evt21"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
	_ "github.com/saccade-dev/saccade/events/npy"
	_ "github.com/saccade-dev/saccade/events/text"
)

// The two scenes, of a sensor as large as the format holds, and a real recording.
const (
	singles   = "singles"
	vectors   = "vectors"
	recording = "recording"
)

// formatEvents is how many events a scene has: a megabyte or more in any format, which
// lies in the caches beyond the first.
const formatEvents = 1 << 18

var hd = events.Geometry{Width: 1280, Height: 720}

// formatGeometry is the sensor of a format's scenes: 1280x720 where it has room for it.
func formatGeometry(format string) events.Geometry {
	switch format {
	case aedat2.Name:
		return events.Geometry{Width: 640, Height: 480}
	case nmnist.Name:
		return events.Geometry{Width: 34, Height: 34}
	default:
		return hd
	}
}

// scatteredScene is events all over a sensor, ten in a microsecond on average: single
// words in every encoding, each in a row of its own.
func scatteredScene(g events.Geometry, n int) []events.Event {
	rng := rand.New(rand.NewPCG(1, 2))
	in := make([]events.Event, n)
	t := int64(0)
	for i := range in {
		if rng.IntN(10) == 0 {
			t++
		}
		in[i] = events.Event{T: t, X: uint16(rng.IntN(g.Width)), Y: uint16(rng.IntN(g.Height)), P: events.Polarity(rng.IntN(2))}
	}
	return in
}

// edgeScene is runs of 32 neighbouring pixels in a row, one a microsecond, three in four
// of which have an event: vector words where the encoding has them.
func edgeScene(g events.Geometry, n int) []events.Event {
	const run = 32
	rng := rand.New(rand.NewPCG(3, 4))
	in := make([]events.Event, 0, n)
	for t := int64(0); len(in) < n; t++ {
		e := events.Event{T: t, X: run * uint16(rng.IntN(g.Width/run)), Y: uint16(rng.IntN(g.Height)), P: events.Polarity(rng.IntN(2))}
		for range run {
			if rng.IntN(4) > 0 && len(in) < n {
				in = append(in, e)
			}
			e.X++
		}
	}
	return in
}

// sceneOf is a scene by its name.
func sceneOf(name string, g events.Geometry) []events.Event {
	if name == vectors {
		return edgeScene(g, formatEvents)
	}
	return scatteredScene(g, formatEvents)
}

// formatRecordings are the real recordings of the formats that there are some of, below
// SACCADE_DATA.
var formatRecordings = map[string]string{
	"evt2": "evt2/vga.raw", "evt3": "evt3/hd.raw", "dat": "dat/ncars.dat", es.Name: "es/dvs.es",
	"aedat2": "aedat2/davis240c_imu_boxes.aedat", "aedat31": "aedat31/davis640_rollover.aedat",
	"aedat4 LZ4": "aedat4/davis346_lz4.aedat4", "aedat4 ZSTD": "aedat4/dvs128_zstd.aedat4", "aedat4 NONE": "aedat4/dvs128_none.aedat4",
	"text": "text/rpg_slider_depth.txt", "nmnist": "nmnist40/nmnist_unlabelled.bin",
	"rosbag none": "ros/evt3.bag", "db3": "ros/evt3_trigger.db3",
}

// realRecording is the recording of a format; nil where there is none.
func realRecording(t testing.TB, format string) []byte {
	dir, name := os.Getenv("SACCADE_DATA"), formatRecordings[format]
	if dir == "" || name == "" {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(dir, "recordings", filepath.FromSlash(name)))
	require.NoError(t, err)
	return data
}

// evt21Words are events as words of EVT 2.1, which no writer of ours makes: the events
// of a word follow each other from left to right within 32 pixels, at one time and of
// one polarity.
func evt21Words(in []events.Event) []byte {
	var out []byte
	high := int64(-1)
	for len(in) > 0 {
		e, valid, n := in[0], uint64(0), 0
		for _, f := range in {
			if f.T != e.T || f.Y != e.Y || f.P != e.P || f.X < e.X || f.X >= e.X+32 || valid>>(f.X-e.X) != 0 {
				break
			}
			valid |= 1 << (f.X - e.X)
			n++
		}
		if e.T>>6 != high {
			high = e.T >> 6
			out = binary.LittleEndian.AppendUint64(out, 8<<60|uint64(high)<<32)
		}
		out = binary.LittleEndian.AppendUint64(out, uint64(e.P)<<60|uint64(e.T&63)<<54|uint64(e.X)<<43|uint64(e.Y)<<32|valid)
		in = in[n:]
	}
	return out
}

// message is a message of events with its header.
type message struct {
	h    events.MessageHeader
	data []byte
}

// messagesOf encodes events in messages, as few as there may be.
func messagesOf(t testing.TB, encoding string, g events.Geometry, in []events.Event) []message {
	if encoding == evt21.Name {
		return []message{{h: events.MessageHeader{Geometry: g}, data: evt21Words(in)}}
	}
	e := formattest.Encoding(t, encoding).NewEncoder()
	var out []message
	for len(in) > 0 {
		m := message{h: events.MessageHeader{Geometry: g, TimeBase: e.TimeBase(in[0].T)}}
		data, n, err := e.Encode(m.h, nil, in)
		require.NoError(t, err)
		require.Positive(t, n)
		m.data = data
		out, in = append(out, m), in[n:]
	}
	return out
}
