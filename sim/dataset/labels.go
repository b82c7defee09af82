package dataset

import (
	"fmt"
	"math/rand/v2"
)

// MaxLen is how many recordings a data set may have.
const MaxLen = 1 << 24

// labelStream is the second word of the seed that the labels are shuffled with.
const labelStream = 0x6c6162656c73 // "labels"

// shuffled are n labels from 0 to classes-1, each equally often (the first ones once more
// where n is not a multiple of their number) and in an order drawn from seed. An n that
// is not from 0 to MaxLen is an error.
func shuffled(n, classes int, seed uint64) ([]uint8, error) {
	if n < 0 || n > MaxLen {
		return nil, fmt.Errorf("a data set must have from 0 to %d recordings, not %d", MaxLen, n)
	}
	labels := make([]uint8, n)
	for i := range labels {
		labels[i] = uint8(i % classes)
	}
	rand.New(rand.NewPCG(seed, labelStream)).Shuffle(n, func(i, j int) {
		labels[i], labels[j] = labels[j], labels[i]
	})
	return labels, nil
}
