package objects_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/objects"
)

// What is written is read by NATS' own client, and nobody overwrites what it has not seen.
func TestWrite(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	server, err := bus.Start(ctx, bus.ServerOptions{JetStream: true, DataDir: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Shutdown(ctx)) }()
	nc, err := bus.Connect(ctx, bus.ConnectOptions{Server: server})
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	store, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: "b"})
	require.NoError(t, err)
	stream, err := js.Stream(ctx, objects.StreamName("b"))
	require.NoError(t, err)
	b := objects.Bucket{Name: "b", Conn: nc, JetStream: js, Stream: stream}

	_, at, err := b.Info(ctx, "one")
	require.ErrorIs(t, err, jetstream.ErrObjectNotFound)
	require.Zero(t, at)
	data := bytes.Repeat([]byte("0123456789"), 30_000) // three parts
	first, err := b.Write(ctx, "one", "first", data, map[string]string{"k": "v"}, &at)
	require.NoError(t, err)
	got, err := store.GetBytes(ctx, "one")
	require.NoError(t, err)
	require.Equal(t, data, got)
	info, at, err := b.Info(ctx, "one")
	require.NoError(t, err)
	require.Equal(t, first, at)
	require.Equal(t, "v", info.Metadata["k"])
	require.EqualValues(t, 3, info.Chunks)

	none := uint64(0)
	_, err = b.Write(ctx, "one", "second", []byte("x"), nil, &none)
	require.ErrorIs(t, err, objects.ErrRaced)
	require.NoError(t, b.Purge(ctx, "second"))
	got, err = store.GetBytes(ctx, "one")
	require.NoError(t, err)
	require.Equal(t, data, got)
	_, err = b.Write(ctx, "one", "third", []byte("x"), nil, nil)
	require.NoError(t, err, "whatever is there")
	require.NoError(t, b.Purge(ctx, "first"))
	require.NoError(t, store.Delete(ctx, "one"))
	_, at, err = b.Info(ctx, "one")
	require.ErrorIs(t, err, jetstream.ErrObjectNotFound)
	require.Positive(t, at, "a deleted one has a message that says so")
}
