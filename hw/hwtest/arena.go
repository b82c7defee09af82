package hwtest

import (
	"testing"
	"unsafe"
)

// arena is the memory that kernels run on: a region for each slice that they
// take, made when it is first needed and again when it is too small.
type arena struct {
	regions []*region
}

// slot makes the region of that name hold a slice of n elements, all zero.
func slot[T memory](t testing.TB, a *arena, name string, n int, at placement) []T {
	t.Helper()
	var zero T
	size := n * int(unsafe.Sizeof(zero))
	for i, r := range a.regions {
		if r.name != name {
			continue
		}
		if size+spare > r.high-r.low {
			r = newRegion(t, name, size+size/2)
			a.regions[i] = r
		}
		return place[T](r, n, at)
	}
	r := newRegion(t, name, size)
	a.regions = append(a.regions, r)
	return place[T](r, n, at)
}

// slotOf makes the region of that name hold a copy of a slice.
func slotOf[T memory](t testing.TB, a *arena, name string, values []T, at placement) []T {
	t.Helper()
	out := slot[T](t, a, name, len(values), at)
	copy(out, values)
	return out
}

// clear forgets what was placed.
func (a *arena) clear() {
	for _, r := range a.regions {
		r.begin, r.end = 0, 0
	}
}

// run runs a kernel on the slices placed last, and fails when it leaves them.
func (a *arena) run(t testing.TB, what string, kernel func()) {
	t.Helper()
	protect(t, what, a.regions, kernel)
	for _, r := range a.regions {
		r.untouched(t, what)
	}
}

// The slices that kernels take.
const (
	theCells      = "the cells"
	theContexts   = "the contexts"
	theDots       = "the dot products"
	theMaster     = "the master weights"
	theWeights    = "the match weights"
	theSquares    = "the sums of squares"
	theThresholds = "the thresholds"
	theSteps      = "the steps"
)
