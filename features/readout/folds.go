package readout

import (
	"fmt"
	"math/rand/v2"
)

// stratify gives each sample a fold below k, so that folds hold equally many
// samples of each class and equally many samples in all, both to within one. A
// class needs k samples or more.
func stratify(s *samples, k int, seed uint64) []int {
	r := rand.New(rand.NewPCG(seed, 0x666f6c6473))
	members := make([][]int, len(s.classes))
	for i, c := range s.y {
		members[c] = append(members[c], i)
	}
	fold := make([]int, len(s.y))
	dealt := 0 // goes on from class to class, or every class's remainder fell to fold 0
	for _, m := range members {
		r.Shuffle(len(m), func(i, j int) { m[i], m[j] = m[j], m[i] })
		for _, i := range m {
			fold[i] = dealt % k
			dealt++
		}
	}
	return fold
}

// foldsFor is how many folds the smallest class allows, at most want, and a note
// if that is fewer.
func foldsFor(s *samples, want int) (k int, note string, err error) {
	smallest := 0
	for c, n := range s.count {
		if n < s.count[smallest] {
			smallest = c
		}
	}
	n := s.count[smallest]
	if n < 2 {
		return 0, "", fmt.Errorf("readout: class %q has one sample: cross-validation needs two or more", s.classes[smallest])
	}
	if n < want {
		return n, fmt.Sprintf("class %q has only %d samples: %d folds instead of %d", s.classes[smallest], n, n, want), nil
	}
	return want, "", nil
}

// split lists the samples within fold f and those outside it, in order.
func split(fold []int, f int) (train, test []int) {
	for i, g := range fold {
		if g == f {
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	return train, test
}
