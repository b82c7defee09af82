package sensor

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// noise draws the noise of all pixels as one Poisson process whose events are
// dealt out, which costs nothing for the pixels that stay quiet.
type noise struct {
	pixels  int
	hot     []int32 // pixels
	even    float64 // Hz, of all pixels together
	total   float64 // Hz, with the hot ones
	onShare float64
	next    float64 // us; the next noise event
	step    []flip  // the noise events of the present step
}

// flip is a comparator that fires without cause.
type flip struct {
	pixel int32
	p     events.Polarity
	t     int64
}

// newNoise chooses the hot pixels.
func newNoise(cfg Config, pixels int, rng *rand.Rand) noise {
	n := noise{pixels: pixels, even: float64(pixels) * cfg.NoiseRate, onShare: cfg.NoiseOn}
	n.total = n.even
	if cfg.HotRate > 0 {
		n.hot = make([]int32, int(math.Round(cfg.HotShare*float64(pixels))))
		for i := range n.hot {
			n.hot[i] = rng.Int32N(int32(pixels))
		}
		n.total += float64(float64(len(n.hot)) * cfg.HotRate)
	}
	return n
}

func (n *noise) begin(t int64, rng *rand.Rand) {
	n.next = math.Inf(1)
	if n.total > 0 {
		n.next = float64(t) + n.wait(rng)
	}
}

// wait draws the time to the next event in us: exponential, by inversion.
func (n *noise) wait(rng *rand.Rand) float64 {
	u := (float64(rng.Uint64()>>12) + 0.5) / (1 << 52) // above 0, below 1
	return float64(-ln(u) / n.total * 1e6)
}

// until draws the noise events after from and up to t us and sorts them by pixel,
// then time. It tells whether they are few enough to be held.
func (n *noise) until(from, t int64, rng *rand.Rand) bool {
	n.step = n.step[:0]
	if float64(n.total*float64(t-from)) > MaxStepEvents*1e6 {
		return false // before the time and the memory are spent
	}
	for n.next <= float64(t) {
		if len(n.step) == MaxStepEvents {
			return false
		}
		f := flip{t: max(from+1, int64(math.Ceil(n.next)))}
		if rng.Float64()*n.total < n.even {
			f.pixel = rng.Int32N(int32(n.pixels))
		} else {
			f.pixel = n.hot[rng.IntN(len(n.hot))]
		}
		if rng.Float64() < n.onShare {
			f.p = events.On
		}
		n.step = append(n.step, f)
		n.next += n.wait(rng)
	}
	slices.SortStableFunc(n.step, func(a, b flip) int { return cmp.Compare(a.pixel, b.pixel) })
	return true
}
