package checkpoint_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// connect starts a server that ends with the test, and connects to it.
func connect(t testing.TB, o bus.ServerOptions) *nats.Conn {
	t.Helper()
	server, err := bus.Start(testContext(t), o)
	require.NoError(t, err)
	nc, err := bus.Connect(testContext(t), bus.ConnectOptions{Server: server})
	require.NoError(t, err)
	t.Cleanup(func() {
		nc.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	return nc
}

func random(seed uint64, n int) []byte {
	b := make([]byte, n)
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// What is saved is loaded, from the same server and from the one that has its
// folder later; each sensor has its own, and each prefix.
func TestSaveAndLoad(t *testing.T) {
	for name, payload := range map[string]int{"usual": 0, "small messages": 2048} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			states := map[string][]byte{"a": random(1, 1), "b": random(2, 300_000), "C-_9": random(3, 128<<10), "empty": {}}
			t.Run("save", func(t *testing.T) {
				nc := connect(t, bus.ServerOptions{JetStream: true, DataDir: dir, MaxPayload: payload})
				store, err := checkpoint.Open(testContext(t), nc, "test.one", 1)
				require.NoError(t, err)
				none, err := store.Load(testContext(t), "a")
				require.NoError(t, err)
				require.Nil(t, none)
				for sensor, state := range states {
					require.NoError(t, store.Save(testContext(t), sensor, random(9, 70_000)), "the first is replaced")
					require.NoError(t, store.Save(testContext(t), sensor, state))
				}
				other, err := checkpoint.Open(testContext(t), nc, "test.other", 1)
				require.NoError(t, err)
				none, err = other.Load(testContext(t), "b")
				require.NoError(t, err)
				require.Nil(t, none)
			})
			t.Run("load", func(t *testing.T) {
				nc := connect(t, bus.ServerOptions{JetStream: true, DataDir: dir, MaxPayload: payload})
				store, err := checkpoint.Open(testContext(t), nc, "test.one", 1)
				require.NoError(t, err)
				for sensor, state := range states {
					got, err := store.Load(testContext(t), sensor)
					require.NoError(t, err)
					require.True(t, bytes.Equal(state, got))
				}
			})
		})
	}
}

// A store that is there is used as its operator has set it up.
func TestOpenKeepsTheStore(t *testing.T) {
	nc := connect(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	_, err = js.CreateObjectStore(testContext(t), jetstream.ObjectStoreConfig{Bucket: "test-state", Description: "the operator's", MaxBytes: 1 << 20})
	require.NoError(t, err)
	store, err := checkpoint.Open(testContext(t), nc, "test", 1)
	require.NoError(t, err)
	require.NoError(t, store.Save(testContext(t), "a", []byte("state")))
	have, err := js.ObjectStore(testContext(t), "test-state")
	require.NoError(t, err)
	status, err := have.Status(testContext(t))
	require.NoError(t, err)
	require.Equal(t, "the operator's", status.Description())

	// Its limit is an error, and the state before it stays, however often; half a
	// state takes no room.
	for range 20 {
		require.Error(t, store.Save(testContext(t), "a", random(1, 2<<20)))
	}
	got, err := store.Load(testContext(t), "a")
	require.NoError(t, err)
	require.Equal(t, "state", string(got))
	require.NoError(t, store.Save(testContext(t), "a", random(1, 400<<10)))
	got, err = store.Load(testContext(t), "a")
	require.NoError(t, err)
	require.True(t, bytes.Equal(random(1, 400<<10), got))
}

func TestNoJetStream(t *testing.T) {
	_, err := checkpoint.Open(testContext(t), connect(t, bus.ServerOptions{}), "test", 1)
	require.ErrorContains(t, err, "test-state")
}

// A state that is not what was saved is an error, as is one that nobody could hold.
func TestDamagedState(t *testing.T) {
	nc := connect(t, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	store, err := checkpoint.Open(testContext(t), nc, "test", 1)
	require.NoError(t, err)
	require.NoError(t, store.Save(testContext(t), "a", []byte("state of a")))
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	objects, err := js.ObjectStore(testContext(t), "test-state")
	require.NoError(t, err)
	info, err := objects.GetInfo(testContext(t), "a")
	require.NoError(t, err)
	stream, err := js.Stream(testContext(t), "OBJ_test-state")
	require.NoError(t, err)
	chunks := "$O.test-state.C." + info.NUID
	require.NoError(t, stream.Purge(testContext(t), jetstream.WithPurgeSubject(chunks)))
	_, err = js.Publish(testContext(t), chunks, []byte("state of b"))
	require.NoError(t, err)
	_, err = store.Load(testContext(t), "a")
	require.ErrorIs(t, err, jetstream.ErrDigestMismatch)
	require.ErrorContains(t, err, "state of a: ")

	last, err := stream.GetLastMsgForSubject(testContext(t), "$O.test-state.M.>")
	require.NoError(t, err)
	huge := strings.Replace(string(last.Data), `"size":10`, `"size":1073741825`, 1)
	require.NotEqual(t, string(last.Data), huge)
	_, err = js.PublishMsg(testContext(t), &nats.Msg{Subject: last.Subject, Data: []byte(huge), Header: nats.Header{"Nats-Rollup": {"sub"}}})
	require.NoError(t, err)
	_, err = store.Load(testContext(t), "a")
	require.ErrorContains(t, err, "at most 1073741824 bytes, found 1073741825")

	// Parts that are not there are found missing at once, not waited for.
	require.NoError(t, store.Save(testContext(t), "a", []byte("state of a")))
	info, err = objects.GetInfo(testContext(t), "a")
	require.NoError(t, err)
	require.NoError(t, stream.Purge(testContext(t), jetstream.WithPurgeSubject("$O.test-state.C."+info.NUID)))
	_, err = store.Load(testContext(t), "a")
	require.ErrorContains(t, err, "state of a: expected 1 parts in the object store, found 0")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = store.Load(ended, "a")
	require.ErrorIs(t, err, context.Canceled)
	require.Error(t, store.Save(ended, "a", nil))
}
