package bus

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// A server that turns its storage off is noticed; one that has none, or is well, is left alone.
func TestWatch(t *testing.T) {
	s, err := Start(t.Context(), ServerOptions{JetStream: true, DataDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown(context.Background())) })
	watching, cancel := context.WithTimeout(t.Context(), 2*watchEvery)
	defer cancel()
	require.NoError(t, s.Watch(watching))
	require.NoError(t, s.ns.DisableJetStream())
	require.ErrorIs(t, s.Watch(t.Context()), errStorageOff)

	none, err := Start(t.Context(), ServerOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, none.Shutdown(context.Background())) })
	ended, end := context.WithCancel(t.Context())
	end()
	require.NoError(t, none.Watch(ended))
}
