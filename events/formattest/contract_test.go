package formattest_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
)

// madeFile has events, marks, and damage that is read on behind.
var madeFile = []byte(madeHead + "\x01\x02\x03\x01" + "\x01\x00\x00\x09" + "\x02\x0b\x00\x00" + "\x03\x04\x05\x00" + "\x04\x00\x0c\x00" + "\x05\x06\x07\x02" + "\x06\x09\x09\x01")

var madeEvents = []events.Event{{T: 1, X: 2, Y: 3, P: events.On}, {T: 3, X: 4, Y: 5}, {T: 6, X: 9, Y: 9, P: events.On}}

// told runs a check that may fail and gives what it said.
func told(check func(t require.TestingT)) string {
	var r recorder
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(&r)
	}()
	<-done
	return strings.Join(r.said, "\n")
}

// recorder is a test that may fail.
type recorder struct{ said []string }

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) FailNow() { runtime.Goexit() }

// Readers that are wrong in one way each, and what is said to them.
func TestReadAllFinds(t *testing.T) {
	read := func(fault string) string {
		return told(func(t require.TestingT) {
			r, err := newMade(fault, bytes.NewReader(madeFile), events.Geometry{})
			require.NoError(t, err)
			_, _, end := formattest.ReadAll(t, r, 2)
			require.Equal(t, io.EOF, end)
		})
	}
	require.Empty(t, read(""), "a sound one")
	for fault, says := range map[string]string{
		"fills memory of its own":      "a packet is filled in its own memory",
		"goes on without headway":      "the same damage twice",
		"gives nothing":                "a packet without an event and without an error",
		"does not empty packets":       "io.EOF comes alone, and as itself",
		"wraps the end":                "io.EOF comes alone, and as itself",
		"ends with events":             "io.EOF comes alone, and as itself",
		"comes back from the end":      "the end stays the end",
		"skips behind the end":         "nothing is skipped behind the end",
		"changes its name":             "the format's name changed",
		"says nothing of damage":       "damage that does not say what it is",
		"gives what is off the sensor": "an event off the sensor",
		"gives any polarity":           "of no polarity",
	} {
		require.Contains(t, read(fault), says, fault)
	}
}

func TestSoundFinds(t *testing.T) {
	sound := func(fault string, data []byte) string {
		return told(func(t require.TestingT) {
			formattest.Sound(t, func(src io.Reader) (events.Reader, error) { return newMade(fault, src, events.Geometry{}) }, data, 50)
		})
	}
	for n := range madeFile {
		require.Empty(t, sound("", madeFile[:n]), "a sound one")
	}
	require.Contains(t, sound("depends on the packet", madeFile), "however the source cuts it")
	require.Contains(t, sound("refuses with anything", nil), "an end that does not say where it is")
}

// madeDecoder decodes the same events of messages.
type madeDecoder struct{ fault string }

func (*madeDecoder) Reset() {}

func (d *madeDecoder) Decode(h events.MessageHeader, data []byte, p *events.Packet) (n int, err error) {
	switch d.fault {
	case "empties the packet":
		p.Reset()
	case "fills memory of its own":
		p.Events = append([]events.Event{}, p.Events...)
	case "takes nothing":
		return 0, nil
	case "takes more than there is":
		return len(data) + 1, nil
	case "stays before damage":
		return 0, madeDamage(0, "this", "that", false)
	case "tells of damage elsewhere":
		return len(data), madeDamage(int64(len(data)), "this", "that", false)
	case "says nothing of damage":
		return len(data), madeDamage(0, "", "", false)
	case "goes on behind what is fatal":
		return 4, madeDamage(0, "this", "that", true)
	}
	for ; p.Room() > 0 && len(data)-n >= 4; n += 4 {
		e := events.Event{T: int64(data[n]), X: uint16(data[n+1]), Y: uint16(data[n+2])}
		if !h.Geometry.Contains(e.X, e.Y) && d.fault != "gives what is off the sensor" {
			return n + 4, madeDamage(int64(n), "an event on the sensor", "another", false)
		}
		p.Events = append(p.Events, e)
	}
	if rest := len(data) - n; rest > 0 && rest < 4 {
		return len(data), madeDamage(int64(n), madeWant, "less", true)
	}
	return n, nil
}

func TestDecodeAllFinds(t *testing.T) {
	message := madeFile[len(madeHead):]
	decode := func(fault string, data []byte) string {
		return told(func(t require.TestingT) {
			formattest.DecodeAll(t, &madeDecoder{fault}, events.MessageHeader{Geometry: events.Geometry{Width: 10, Height: 10}}, data, 2)
		})
	}
	for n := range message {
		require.Empty(t, decode("", message[:n]), "a sound one")
	}
	in, damage := formattest.DecodeAll(t, &madeDecoder{}, events.MessageHeader{Geometry: events.Geometry{Width: 10, Height: 10}}, message[:27], 2)
	require.Len(t, in, 4)
	require.Equal(t, []int64{8, 16, 24}, []int64{damage[0].Offset, damage[1].Offset, damage[2].Offset}, "from the message's start")
	for fault, says := range map[string]string{
		"empties the packet":           "a decoder appends to what is there",
		"fills memory of its own":      "a packet is filled in its own memory",
		"takes nothing":                "no headway",
		"takes more than there is":     "a decoder takes what there is",
		"stays before damage":          "damage is left behind",
		"tells of damage elsewhere":    "damage lies in the message",
		"says nothing of damage":       "damage that does not say what it is",
		"goes on behind what is fatal": "nothing is read behind what is fatal",
		"gives what is off the sensor": "an event off the sensor",
	} {
		require.Contains(t, decode(fault, message), says, fault)
	}
}
