package pipeline_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/prophesee"
	"github.com/saccade-dev/saccade/hw"
)

// What real cameras sent, in messages as they leave the camera: cut without regard to
// words that belong together. A daemon that is killed between any of them, and goes on,
// gives the same features, and they are of the events that the file's reader finds.
func TestRestoredOnRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	files, err := filepath.Glob(filepath.Join(data, "recordings", "evt[23]", "*.raw"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { restoredOnRecording(t, file, uint64(i)) })
	}
}

func restoredOnRecording(t *testing.T, file string, seed uint64) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	encoding := formattest.Detected(t, raw)
	r := formattest.NewReader(t, encoding, bytes.NewReader(raw), events.Geometry{})
	in, _, _ := formattest.ReadAll(t, r, 4096)
	h, _, err := prophesee.ParseHeader(raw, true)
	require.NoError(t, err)

	o := options(t, nil)
	o.Target, err = hw.Find(hw.Auto)
	require.NoError(t, err)
	o.Feast.Neurons, o.Pool.CellWidth, o.Pool.CellHeight = 4, 160, 160
	o.PacketEvents = events.DefaultPacketEvents
	rng := rand.New(rand.NewPCG(seed, 0x4ec))
	whole, parts := newPipeline(t, o), newPipeline(t, o)
	want, got := &record{t: t}, &record{t: t}
	restored, messages, size := 0, 0, 0
	for words := raw[h.Bytes:]; len(words) > 0; messages++ {
		n := min(len(words), 8*(1+rng.IntN(2048)))
		m := &pipeline.Input{
			Encoding: encoding, Header: events.MessageHeader{Geometry: r.Header().Geometry}, Payload: words[:n],
			Session: "s", Seq: uint64(messages), HasSeq: true, Recording: "r", End: n == len(words),
		}
		words = words[n:]
		if rng.IntN(8) == 0 || messages < 3 {
			state := marshal(t, parts)
			size = len(state)
			parts = newPipeline(t, o)
			require.NoError(t, parts.UnmarshalBinary(state))
			restored++
		}
		require.Equal(t, want.handle(whole, m), got.handle(parts, m))
	}
	if len(in) != len(want.answers) || len(in) != len(got.answers) {
		require.Failf(t, "events are missing", "expected %d, found %d, and %d without a restart", len(in), len(got.answers), len(want.answers))
	}
	for i, a := range got.answers {
		if a != want.answers[i] || a.event != in[i] {
			require.Failf(t, "the results differ", "event %d: %+v, and %+v without a restart, of %+v", i, a, want.answers[i], in[i])
		}
	}
	require.Equal(t, want.rejects, got.rejects)
	require.True(t, bytes.Equal(marshal(t, whole), marshal(t, parts)), "the states differ")
	t.Logf("%d events in %d messages, restored %d times from up to %d bytes; %d rejects; %+v", len(in), messages, restored, size, len(got.rejects), parts.Counters())
}
