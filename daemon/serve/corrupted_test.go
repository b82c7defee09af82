package serve_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/serve"
)

// slot is a checkpoint as it lies in the object store.
type slot struct {
	t       testing.TB
	js      jetstream.JetStream
	stream  jetstream.Stream
	bucket  string
	name    string
	info    jetstream.ObjectInfo
	content []byte
}

func slotOf(t testing.TB, nc *nats.Conn, prefix, name string) *slot {
	t.Helper()
	bucket := prefix + "-state"
	js, s := stream(t, nc, "OBJ_"+bucket)
	objects, err := js.ObjectStore(t.Context(), bucket)
	require.NoError(t, err)
	info, err := objects.GetInfo(t.Context(), name)
	require.NoError(t, err)
	content, err := objects.GetBytes(t.Context(), name)
	require.NoError(t, err)
	return &slot{t, js, s, bucket, name, *info, content}
}

func (s *slot) chunks() string { return "$O." + s.bucket + ".C." + s.info.NUID }

// write puts other bytes in the place of those that are there, and says of them what info says.
func (s *slot) write(content []byte) {
	require.NoError(s.t, s.stream.Purge(s.t.Context(), jetstream.WithPurgeSubject(s.chunks())))
	n := 0
	for len(content) > 0 {
		size := min(len(content), int(s.info.Opts.ChunkSize))
		_, err := s.js.Publish(s.t.Context(), s.chunks(), content[:size])
		require.NoError(s.t, err)
		content = content[size:]
		n++
	}
	s.info.Chunks = uint32(n)
}

func (s *slot) describe(text []byte) {
	_, err := s.js.PublishMsg(s.t.Context(), &nats.Msg{
		Subject: "$O." + s.bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(s.name)),
		Header:  nats.Header{jetstream.MsgRollup: {jetstream.MsgRollupSubject}}, Data: text,
	})
	require.NoError(s.t, err)
}

func (s *slot) describeAs(change func(*jetstream.ObjectInfo)) {
	change(&s.info)
	text, err := json.Marshal(s.info)
	require.NoError(s.t, err)
	s.describe(text)
}

const placeKey = "saccade-checkpoint"

// corruptions are what can become of a checkpoint.
var corruptions = map[string]func(*slot){
	"bytes changed": func(s *slot) {
		s.content[len(s.content)/3] ^= 0x40
		s.write(s.content)
	},
	"a part removed": func(s *slot) { s.write(s.content[:len(s.content)-1-(len(s.content)-1)%int(s.info.Opts.ChunkSize)]) },
	"all parts removed": func(s *slot) {
		require.NoError(s.t, s.stream.Purge(s.t.Context(), jetstream.WithPurgeSubject(s.chunks())))
	},
	"cut, and described so": func(s *slot) {
		cut := s.content[:len(s.content)/2]
		s.write(cut)
		sum := sha256.Sum256(cut)
		s.describeAs(func(i *jetstream.ObjectInfo) {
			i.Size, i.Digest = uint64(len(cut)), "SHA-256="+base64.URLEncoding.EncodeToString(sum[:])
		})
	},
	"another digest":   func(s *slot) { s.describeAs(func(i *jetstream.ObjectInfo) { i.Digest = "nonsense" }) },
	"place is no JSON": func(s *slot) { s.describeAs(func(i *jetstream.ObjectInfo) { i.Metadata[placeKey] = `{"term":` }) },
	"no place":         func(s *slot) { s.describeAs(func(i *jetstream.ObjectInfo) { i.Metadata = nil }) },
	"absurd place": func(s *slot) {
		s.describeAs(func(i *jetstream.ObjectInfo) {
			i.Metadata[placeKey] = `{"term":18446744073709551615,"epoch":1,"seq":18446744073709551615,"number":18446744073709551615,"format":1}`
		})
	},
	"another version": func(s *slot) { s.describeAs(func(i *jetstream.ObjectInfo) { i.Metadata[placeKey] = `{"format":99}` }) },
	"no description":  func(s *slot) { s.describe([]byte("\x00\xff nothing that was ever JSON")) },
	"too large":       func(s *slot) { s.describeAs(func(i *jetstream.ObjectInfo) { i.Size = 1 << 40 }) },
}

// entries are a sensor's checkpoints, the newest first.
func entries(t testing.TB, nc *nats.Conn, prefix, sensor string) (list []checkpoint.Entry, damaged error) {
	t.Helper()
	store, err := checkpoint.Open(t.Context(), nc, prefix, 1)
	require.NoError(t, err)
	list, damaged, err = store.Series(sensor, 3).Look(t.Context())
	require.NoError(t, err)
	return list, damaged
}

// The newest checkpoint is damaged in any way: the one before is gone on from, which is said, and
// the results are those of a daemon that nobody disturbed.
func TestNewestCheckpointIsDamaged(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 4, 12))
	url, nc := natsServer(t)
	behind := uint64(0)
	for name, corrupt := range corruptions {
		t.Run(name, func(t *testing.T) {
			prefix := "damaged" + base64.RawURLEncoding.EncodeToString([]byte(name))
			c := streamConfig(t, url, prefix)
			c.Pipeline.Model = model
			first, second := parts(pair(t, 4, 12)(prefix), 25)
			d, stop := run(t, c, serve.Hooks{})
			some, single := parts(first, 20)
			caughtUp(t, d, publishAll(t, nc, some...))
			for i := range single[0] { // one by one, so that there are checkpoints to choose from
				caughtUp(t, d, publishAll(t, nc, single[0][i:i+1], single[1][i:i+1]))
			}
			require.NoError(t, stop())
			list, damaged := entries(t, nc, prefix, "left")
			require.NoError(t, damaged)
			require.Len(t, list, 3)
			corrupt(slotOf(t, nc, prefix, list[0].Object()))

			var said logged
			last := publishAll(t, nc, second...)
			d, stop = runWithLog(t, c, serve.Hooks{}, said.handler())
			requireSame(t, want, results(t, nc, prefix, last))
			warned := said.with("a checkpoint cannot be used")
			require.Len(t, warned, 1)
			require.Equal(t, "left", warned[0].Sensor)
			require.Equal(t, "WARN", warned[0].Level)
			for _, r := range said.with("going on from a checkpoint") {
				if r.Sensor == "left" {
					require.Equal(t, list[1].Place.Seq, r.Seq)
					behind += list[0].Place.Seq - r.Seq
				}
			}
			caughtUp(t, d, last)
			require.NoError(t, stop())
			again, _ := entries(t, nc, prefix, "left")
			require.Greater(t, again[0].Place.Number, list[1].Place.Number, "checkpoints are stored as before")
			require.Less(t, again[0].Place.Number, uint64(1)<<40)
		})
	}
	t.Logf("%d ways of damage, %d messages of the stream behind together; lost: none, twice: none", len(corruptions), behind)
}

// All checkpoints are damaged: the sensor starts anew from the first message in the stream, and as that has all,
// the results are those of a daemon that nobody disturbed.
func TestAllCheckpointsAreDamaged(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 3, 10))
	url, nc := natsServer(t)
	for _, name := range []string{"bytes changed", "place is no JSON", "no description"} {
		t.Run(name, func(t *testing.T) {
			prefix := "all" + base64.RawURLEncoding.EncodeToString([]byte(name))
			c := streamConfig(t, url, prefix)
			c.Pipeline.Model = model
			first, second := parts(pair(t, 3, 10)(prefix), 15)
			d, stop := run(t, c, serve.Hooks{})
			caughtUp(t, d, publishAll(t, nc, first...))
			require.NoError(t, stop())
			list, _ := entries(t, nc, prefix, "left")
			for _, e := range list {
				corruptions[name](slotOf(t, nc, prefix, e.Object()))
			}
			var said logged
			last := publishAll(t, nc, second...)
			d, stop = runWithLog(t, c, serve.Hooks{}, said.handler())
			requireSame(t, want, results(t, nc, prefix, last))
			none := said.with("no checkpoint can be used: starting anew")
			require.Len(t, none, 1)
			require.Equal(t, "ERROR", none[0].Level)
			s, err := d.Service.Sensor("left")
			require.NoError(t, err)
			require.NotZero(t, s.Reprocessed)
			// New ones take the place of the damaged.
			caughtUp(t, d, last)
			require.NoError(t, stop())
			for range 3 {
				d, stop := run(t, c, serve.Hooks{})
				caughtUp(t, d, last)
				_, err := d.Service.Sensor("left")
				require.NoError(t, err)
				require.NoError(t, d.Service.Change(context.WithoutCancel(t.Context()), "left", nothing)) // stores one
				require.NoError(t, stop())
			}
			_, damaged := entries(t, nc, prefix, "left")
			require.NoError(t, damaged)
		})
	}
}
