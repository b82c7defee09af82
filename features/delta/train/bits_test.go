package train_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/train"
)

// A training gives these bits on every machine: the digests are of checkpoints made on
// amd64 with AVX-512, and have been found again without it, in portable Go and on arm64.
func TestBits(t *testing.T) {
	for text, c := range map[string]struct {
		o    train.Options
		want string
	}{
		perceptron:    {train.Options{Epochs: 6, Batch: 16, Sparsity: 1, Clip: 0.7, Schedule: train.Schedule{Warmup: 0.2}, Optimiser: train.Optimiser{Decay: 0.02}}, "5fbf186f84366f15"},
		convolutional: {train.Options{Epochs: 4, Batch: 24, Sparsity: 0.3, L1: 0.1, Optimiser: train.Optimiser{Kind: train.SGD}, Steps: train.Steps{Rule: train.Flipped}}, "abd5df1c767a833a"},
	} {
		tr := trained(t, text, c.o, moving(60, 1))
		b, err := tr.MarshalBinary()
		require.NoError(t, err)
		digest := sha256.Sum256(b)
		assert.Equal(t, c.want, hex.EncodeToString(digest[:8]))
	}
}
