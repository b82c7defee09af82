package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// MaxHoldOut is the largest share that [HoldOut] keeps.
const MaxHoldOut = 0.9

// HoldOut draws by a seed which recordings are kept out of a training, to judge by: a
// share of those of each label, rounded, but never all of them. It gives the indices
// of the others and of those kept, both ascending. A share of 0 keeps none; one that
// would keep none though it is not 0, or that would leave a label with none to learn
// from, is an error.
func HoldOut(labels []string, share float64, seed uint64) (learn, held []int, err error) {
	if !(share >= 0 && share <= MaxHoldOut) {
		return nil, nil, fmt.Errorf("learn: held out: expected a share from 0 to %v, found %v", MaxHoldOut, share)
	}
	of := map[string][]int{}
	for i, l := range labels {
		of[l] = append(of[l], i)
	}
	rng := rand.New(rand.NewPCG(seed, 0x401d0))
	for _, label := range slices.Compact(slices.Sorted(slices.Values(labels))) {
		all := of[label]
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		n := min(int(math.Round(share*float64(len(all)))), len(all)-1)
		held, learn = append(held, all[:n]...), append(learn, all[n:]...)
	}
	if share > 0 && len(held) == 0 {
		return nil, nil, fmt.Errorf("learn: held out: a share of %v of %d recordings of %d labels is none of any: expected more recordings, or a larger share", share, len(labels), len(of))
	}
	slices.Sort(learn)
	slices.Sort(held)
	return learn, held, nil
}
