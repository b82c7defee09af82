package control

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/objects"
)

// modelsOf opens the object store of a server of its own, with so much room.
func modelsOf(t *testing.T, room int64) (*models, jetstream.ObjectStore) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	t.Cleanup(cancel)
	server, err := bus.Start(ctx, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Shutdown(ctx)) })
	nc, err := bus.Connect(ctx, bus.ConnectOptions{Server: server})
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	store, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: "test-models", MaxBytes: room})
	require.NoError(t, err)
	s, err := openModels(ctx, nc, "test", 3)
	require.NoError(t, err, "one that is there stays as it was set up")
	_, err = openModels(ctx, nc, "other", 3)
	require.ErrorContains(t, err, "replicas > 1 not supported", "a single server keeps no copies")
	return s, store
}

func requestFor(data []byte) *UploadRequest {
	return &UploadRequest{Upload: "u", Name: "m", Size: int64(len(data)), Digest: digestOf(data), Data: data}
}

// What does not fit after all leaves the one before as it was, and nothing behind.
func TestObjectThatDoesNotFit(t *testing.T) {
	const chunkBytes = 128 << 10 // of a message
	const room = 6 * chunkBytes
	s, store := modelsOf(t, room)
	small, large := make([]byte, 2*chunkBytes), make([]byte, 5*chunkBytes)
	left, err := s.put(t.Context(), requestFor(small), small, stored{})
	require.NoError(t, err)
	require.NoError(t, left)
	there, err := s.find(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, digestOf(small), there.digest)
	_, err = s.put(t.Context(), requestFor(large), large, there)
	require.ErrorContains(t, err, "object store test-models is full")
	require.Equal(t, codeFull, codeOf(t, err))
	got, err := store.GetBytes(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, small, got)
	info, err := s.Stream.Info(t.Context())
	require.NoError(t, err)
	require.Less(t, info.State.Bytes, uint64(3*chunkBytes))
	require.NoError(t, s.room(t.Context(), 3*chunkBytes))
	require.Equal(t, codeFull, codeOf(t, s.room(t.Context(), 4*chunkBytes)))
}

// Of two that replace the same object one does, and the other one is told.
func TestObjectOfTwoWriters(t *testing.T) {
	s, store := modelsOf(t, -1)
	mine, theirs := []byte("mine"), []byte("theirs")
	_, err := s.put(t.Context(), requestFor(theirs), theirs, stored{})
	require.NoError(t, err)
	_, err = s.put(t.Context(), requestFor(mine), mine, stored{})
	require.ErrorContains(t, err, "somebody else has stored another one meanwhile")
	require.Equal(t, codeConflict, codeOf(t, err))
	got, err := store.GetBytes(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, theirs, got)
	info, err := s.Stream.Info(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, info.State.Msgs, "the loser's part is gone")
	// A bucket without a bound of its own has ours.
	require.NoError(t, s.room(t.Context(), MaxModel))
	require.Equal(t, codeFull, codeOf(t, s.room(t.Context(), MaxModels)))
}

// Parts that nothing names are removed once nobody can be storing them any more, and nothing else is.
func TestOrphanedParts(t *testing.T) {
	s, store := modelsOf(t, -1)
	kept := []byte("kept")
	_, err := s.put(t.Context(), requestFor(kept), kept, stored{})
	require.NoError(t, err)
	_, err = s.JetStream.Publish(t.Context(), s.Parts("orphan"), make([]byte, 1000))
	require.NoError(t, err)
	last, err := bus.Last(t.Context(), s.Conn, objects.StreamName(s.Name), s.Parts("orphan"))
	require.NoError(t, err)
	for _, c := range []struct {
		age     time.Duration
		removed int
	}{{0, 0}, {orphanAge - 1, 0}, {orphanAge, 1}, {orphanAge, 0}} {
		n, err := s.sweep(t.Context(), last.Time.Add(c.age))
		require.NoError(t, err)
		require.Equal(t, c.removed, n, c.age)
	}
	info, err := s.Stream.Info(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, info.State.Msgs)
	got, err := store.GetBytes(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, kept, got)
}
