package libcaer_test

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// The corpus is for anyone who writes a decoder: messages, and what is in them. To make
// it again, after a change here:
//
//	go test ./events/libcaer -run TestCorpus -update
var update = flag.Bool("update", false, "write the corpus of testdata again")

type message struct {
	File     string        `json:"file"`
	About    string        `json:"about"`
	Width    int           `json:"width"`
	Height   int           `json:"height"`
	TimeBase int64         `json:"time_base_ns"`
	Events   int           `json:"events"`
	Damage   []string      `json:"damage"`
	Digest   events.Digest `json:"digest"`
}

// corpus draws messages; their times are those below, and the events what must be read.
func corpus() (out []message, data [][]byte, in [][]events.Event) {
	add := func(m message, times ...int64) {
		rng := rand.New(rand.NewPCG(uint64(len(out)), 3))
		var b []byte
		var want []events.Event
		base := m.TimeBase / 1000
		for range 200 {
			at := times[0]
			times = append(times[1:], at+rng.Int64N(40))
			x, y, on := uint64(rng.IntN(640)), uint64(rng.IntN(480)), uint64(rng.IntN(2))
			b = binary.LittleEndian.AppendUint64(b, uint64(at)<<33>>1|x<<17|y<<2|on<<1|1)
			if e := (events.Event{T: base + at, X: uint16(x), Y: uint16(y), P: events.Polarity(on)}); int(y) < m.Height {
				want = append(want, e)
			}
		}
		out, data, in = append(out, m), append(data, b), append(in, want)
	}
	add(message{File: "plain.libcaer", About: "a time base of some nanoseconds more than microseconds", Width: 640, Height: 480, TimeBase: 1702309120123456789}, 5)
	add(message{File: "rollover.libcaer", About: "times run over their 31 bits within the message", Width: 640, Height: 480, TimeBase: 2147483648000}, 1<<31-2000)
	add(message{File: "off_sensor.libcaer", About: "some events lie below the sensor", Width: 640, Height: 470}, 5)
	return out, data, in
}

func TestCorpus(t *testing.T) {
	dir := filepath.Join("testdata", "corpus")
	index := filepath.Join(dir, "corpus.json")
	messages, data, want := corpus()
	for i := range messages {
		m := &messages[i]
		path := filepath.Join(dir, m.File)
		if *update {
			require.NoError(t, os.MkdirAll(dir, 0o755))
			require.NoError(t, os.WriteFile(path, data[i], 0o644))
		}
		stored, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, data[i], stored)
		h := events.MessageHeader{Geometry: events.Geometry{Width: m.Width, Height: m.Height}, TimeBase: m.TimeBase}
		in, damage := decodeAll(t, encoding(t).NewDecoder(), h, stored, 64)
		require.Equal(t, want[i], in, m.File)
		require.Len(t, stored, 8*(len(in)+len(damage)))
		for j := range damage {
			m.Damage = append(m.Damage, damage[j].Error())
		}
		d := events.NewDigester()
		d.Add(in)
		m.Events, m.Digest = len(in), d.Sum()
	}
	require.NotEmpty(t, messages[2].Damage)
	if *update {
		b, err := json.MarshalIndent(messages, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(index, append(b, '\n'), 0o644))
		return
	}
	b, err := os.ReadFile(index)
	require.NoError(t, err)
	var stored []message
	require.NoError(t, json.Unmarshal(b, &stored))
	require.Equal(t, stored, messages)
}
