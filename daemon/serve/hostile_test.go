package serve_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// secretFile writes a password and gives its file.
func secretFile(t testing.TB, secret string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(secret+"\n"), 0o600))
	return path
}

// as connects to a daemon over its port, as one of its users whose password is its name.
func as(t testing.TB, d *serve.Daemon, user string) *nats.Conn {
	t.Helper()
	nc, err := bus.Connect(t.Context(), bus.ConnectOptions{URL: d.URL, User: user, PasswordFile: secretFile(t, user)})
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	return nc
}

// sharedConfig is a daemon's that several users reach over a port.
func sharedConfig(t testing.TB) config.Config {
	t.Helper()
	c := testConfig(t, t.TempDir())
	c.NATS.Embedded.Port = -1
	client := func(name, role string, sensors ...string) {
		c.NATS.Embedded.Users = append(c.NATS.Embedded.Users, config.Client{User: name, PasswordFile: secretFile(t, name), Role: role, Sensors: sensors})
	}
	client("good", config.RoleSensor, sensors[:]...)
	client("bad", config.RoleSensor, "*") // as where all cameras share a password: any name is its
	client("board", config.RoleViewer)
	client("ops", config.RoleOperator)
	return c
}

// attack is one way to be a nuisance: message n of it.
type attack func(rng *rand.Rand, n int) *nats.Msg

// garbage is bytes that nobody can mean.
func garbage(rng *rand.Rand, size int) []byte {
	b := make([]byte, size+8)
	for i := 0; i < size; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rng.Uint64())
	}
	return b[:size]
}

var attacks = map[string]attack{
	"the largest messages, in every encoding": func(rng *rand.Rand, n int) *nats.Msg {
		all := append([]string{"", "nonsense"}, events.EncodingNames()...)
		return &nats.Msg{
			Subject: fmt.Sprintf("saccade.large%d.events", n%4),
			Header:  nats.Header{bus.HeaderEncoding: {all[n%len(all)]}, bus.HeaderWidth: {"34"}, bus.HeaderHeight: {"34"}},
			Data:    garbage(rng, 1<<20-4096),
		}
	},
	"as many as there can be": func(_ *rand.Rand, n int) *nats.Msg {
		return &nats.Msg{Subject: fmt.Sprintf("saccade.many%d.events", n%3)}
	},
	"a new sensor every time, as large as there can be": func(rng *rand.Rand, n int) *nats.Msg {
		side := []string{"4096", "1024", "640"}[n%3]
		return &nats.Msg{
			Subject: fmt.Sprintf("saccade.new%d.events", n),
			Header:  nats.Header{bus.HeaderWidth: {side}, bus.HeaderHeight: {side}},
			Data:    garbage(rng, 64),
		}
	},
	"names that are none": func(rng *rand.Rand, n int) *nats.Msg {
		names := []string{"_", "a b", strings.Repeat("x", 65), "*", ">", "é", "a\x01b", "%s%n"}
		return &nats.Msg{Subject: "saccade." + names[n%len(names)] + ".events", Data: garbage(rng, 100)}
	},
	"absurd headers": func(rng *rand.Rand, n int) *nats.Msg {
		h := nats.Header{bus.HeaderSession: {"s"}}
		switch n % 6 {
		case 0:
			for i := range 2000 {
				h.Set(fmt.Sprintf("K%d", i), "v")
			}
		case 1:
			h.Set(bus.HeaderRecording, strings.Repeat("r", 200_000))
		case 2:
			h[bus.HeaderSeq] = []string{"1", "2", "18446744073709551616"}
		case 3:
			h.Set(bus.HeaderSeq, fmt.Sprint(rng.Uint64()))
			h.Set(bus.HeaderOldest, fmt.Sprint(rng.Uint64()))
		case 4:
			h.Set(bus.HeaderTimeBase, "9223372036854775807")
			h.Set(bus.HeaderWidth, fmt.Sprint(1+rng.IntN(4096)))
			h.Set(bus.HeaderHeight, fmt.Sprint(1+rng.IntN(4096)))
		case 5:
			h.Set(bus.HeaderEncoding, "\xff\x00")
		}
		return &nats.Msg{Subject: "saccade.header.events", Header: h, Data: garbage(rng, 800)}
	},
	"answers to others' subjects": func(rng *rand.Rand, n int) *nats.Msg {
		replies := []string{
			"saccade." + sensors[0] + ".events", "saccade.control.learning", "$JS.API.STREAM.DELETE.OBJ_saccade-state",
			"$JS.API.STREAM.PURGE.OBJ_saccade-state", "_INBOX.good.x", "saccade." + sensors[0] + ".features",
		}
		return &nats.Msg{Subject: "saccade.reply.events", Reply: replies[n%len(replies)], Data: garbage(rng, 80)}
	},
	"what it may not": func(_ *rand.Rand, n int) *nats.Msg {
		subjects := []string{"saccade." + sensors[0] + ".features", "$JS.API.STREAM.DELETE.OBJ_saccade-state", "saccade.control.learning", "_INBOX.good.x.1"}
		return &nats.Msg{Subject: subjects[n%len(subjects)]}
	},
}

// besiege has somebody attack in all these ways, one message of each after the other, as fast as a connection takes them,
// until stop. It counts messages and bytes.
func besiege(t testing.TB, d *serve.Daemon, names ...string) (stop func() (messages, bytes int64)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	nc := as(t, d, "bad")
	nc.SetErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // it is told what it may not
	var attacking sync.WaitGroup
	var messages, bytes int64
	attacking.Go(func() {
		rng := rand.New(rand.NewPCG(7, 7))
		for n := 0; ctx.Err() == nil; n++ {
			for _, name := range names {
				m := attacks[name](rng, n)
				if err := nc.PublishMsg(m); err == nil { // else a subject that its own library does not take
					messages++
					bytes += int64(len(m.Data))
				}
			}
		}
	})
	return func() (int64, int64) {
		cancel()
		attacking.Wait()
		return messages, bytes
	}
}

// everyAttack is the names of all attacks, in an order that is always the same.
func everyAttack() []string {
	return []string{
		"the largest messages, in every encoding", "as many as there can be", "a new sensor every time, as large as there can be",
		"names that are none", "absurd headers", "answers to others' subjects", "what it may not",
	}
}

// replayGood replays the recordings of all sensors, as fast as they are taken, and gives how many messages that were.
func replayGood(t testing.TB, nc *nats.Conn, sources map[string][]replay.Source) (messages int64) {
	t.Helper()
	var replays sync.WaitGroup
	reports := make([]replay.Report, len(sensors))
	for i, sensor := range sensors {
		replays.Go(func() {
			var err error
			reports[i], err = replay.Run(t.Context(), nc, sources[sensor], replay.Options{
				Subject: "saccade." + sensor + ".events", Encoding: "mono", PacketEvents: 1024, Window: 8, AckTimeout: 5 * time.Second, GiveUp: patience,
			})
			if err != nil || reports[i].Rejected != 0 || reports[i].Recordings != int64(len(sources[sensor])) {
				t.Errorf("%s: %+v, %v", sensor, reports[i], err)
			}
		})
	}
	replays.Wait()
	for _, r := range reports {
		messages += r.Messages
	}
	return messages
}
