package delta_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// A file and a state of version 1 are read as they ever were, and the network in them
// gives the outputs that it gave when they were written.
func TestVersion1(t *testing.T) {
	n, err := delta.Load("testdata/v1.delta")
	require.NoError(t, err)
	file, err := os.ReadFile("testdata/v1.delta")
	require.NoError(t, err)
	require.Equal(t, file, bytesOf(t, n), "it is written as it was")
	state, err := os.ReadFile("testdata/v1.state")
	require.NoError(t, err)
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		e, err := delta.NewEngine(n, target)
		require.NoError(t, err)
		require.NoError(t, e.UnmarshalBinary(state))
		require.Equal(t, state, stateOf(t, e))
		require.Equal(t, "e72911578ea86f81", outputs(t, e))
	})
}

// outputs is a digest of what an engine gives in 40 steps.
func outputs(t *testing.T, e *delta.Engine) string {
	h := sha256.New()
	rng := rand.New(rand.NewPCG(11, 12))
	in := e.Network().Topology().Input
	input, seen := e.Values(-1), map[int32]bool{}
	for k := range 40 {
		change(rng, input, patterns[k%len(patterns)], in)
		out, err := e.Step(input)
		require.NoError(t, err)
		require.NoError(t, binary.Write(h, binary.LittleEndian, out))
		seen[out[0]] = true
	}
	require.Greater(t, len(seen), 10, "outputs that say something")
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
