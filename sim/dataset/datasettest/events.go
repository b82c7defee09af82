package datasettest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Digest is of what neither a machine nor a change of the program may change in a
// recording: t, x, y and polarity of every event.
func Digest(all []events.Event) string {
	h := sha256.New()
	for _, e := range all {
		b := binary.LittleEndian.AppendUint64(nil, uint64(e.T))
		b = binary.LittleEndian.AppendUint16(b, e.X)
		b = binary.LittleEndian.AppendUint16(b, e.Y)
		h.Write(append(b, byte(e.P)))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// InOrder checks that there are events, that they lie within g, and that their times go
// from 0 or later to last, in us, and never back.
func InOrder(t testing.TB, all []events.Event, g events.Geometry, last int64) {
	t.Helper()
	require.NotEmpty(t, all)
	before := int64(0)
	for i, e := range all {
		require.True(t, g.Contains(e.X, e.Y), "event %d: %v", i, e)
		require.GreaterOrEqual(t, e.T, before, "event %d", i)
		before = e.T
	}
	require.LessOrEqual(t, before, last)
}
