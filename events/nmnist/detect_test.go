package nmnist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// Times behind a mark may stand lower than those before it.
func TestDetectKnowsTimeOverflows(t *testing.T) {
	b := make([]byte, 0, 40*11*5)
	for mark := range 40 {
		for i := range 10 {
			b = append(b, byte(i), byte(mark), 0, byte(i*800>>8), byte(i*800))
		}
		b = append(b, 0, 240, 0, 0, 0)
	}
	require.NoError(t, formattest.Format(t, nmnist.Name).Detect(b, int64(len(b))))
	for i := range b {
		if b[i] == 240 {
			b[i] = 239 // no marks any more: time runs back
		}
	}
	require.ErrorContains(t, formattest.Format(t, nmnist.Name).Detect(b, int64(len(b))), "time runs backwards in")
}
