package sensor

import (
	"cmp"
	"errors"
	"fmt"
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

// Background is a sensor's background noise and nothing else: events that are known
// to be noise, to be mixed into recordings where that has to be known. They are the
// shot noise and the hot pixels of a [Sensor] before its pixels' refractory periods,
// which let some of them go by. The leak is left out: it goes by what a pixel has seen.
type Background struct {
	geometry events.Geometry
	noise    noise
	rng      *rand.Rand
	t        int64 // us; up to where events have been drawn
	begun    bool
}

// NewBackground makes the noise of a sensor from NoiseRate, NoiseOn, HotShare and
// HotRate of a configuration, which has to be valid as a whole; camera is the seed
// of which pixels are hot. Errors are those of the configuration and the geometry.
func NewBackground(g events.Geometry, cfg Config, camera uint64) (*Background, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if !g.Valid() {
		return nil, fmt.Errorf("sensor: sides must be from 1 to %d pixels, are %dx%d", events.MaxSide, g.Width, g.Height)
	}
	return &Background{
		geometry: g,
		noise:    newNoise(cfg, g.Width*g.Height, rand.New(rand.NewPCG(camera, cameraStream))),
	}, nil
}

// Begin starts a recording at t microseconds. Seed is that of the times, pixels and
// polarities of its events.
func (b *Background) Begin(t int64, seed uint64) {
	b.rng = rand.New(rand.NewPCG(seed, recordingStream))
	b.noise.begin(t, b.rng)
	b.t, b.begun = t, true
}

// Until appends the events after the time up to which they were asked for before,
// and not after t microseconds, to dst, in the order of their times; equal times
// stand in the order of their pixels, row by row. How a recording is cut into calls
// has no influence on them. A t that is not after the last appends nothing.
//
// Times beyond 2^52 us from zero are an error, as are more than [MaxStepEvents]
// events at once; the recording has then to begin anew. It panics with
// PanicNoiseNotBegun when no recording has begun.
func (b *Background) Until(t int64, dst []events.Event) ([]events.Event, error) {
	if !b.begun {
		panic(PanicNoiseNotBegun)
	}
	if t <= b.t {
		return dst, nil
	}
	if b.t < -maxTime || t > maxTime {
		b.begun = false
		return dst, fmt.Errorf("sensor: noise from %d to %d us: expected times within %d us", b.t, t, int64(maxTime))
	}
	if !b.noise.until(b.t, t, b.rng) {
		b.begun = false
		return dst, fmt.Errorf("sensor: noise from %d to %d us: %w", b.t, t, errNoiseEvents)
	}
	from := len(dst)
	width := int32(b.geometry.Width)
	for _, f := range b.noise.step {
		dst = append(dst, events.Event{T: f.t, X: uint16(f.pixel % width), Y: uint16(f.pixel / width), P: f.p})
	}
	// The step is in the order of its pixels, and stays so among equal times.
	slices.SortStableFunc(dst[from:], func(a, b events.Event) int { return cmp.Compare(a.T, b.T) })
	b.t = t
	return dst, nil
}

// PanicNoiseNotBegun is the panic of Until where no recording has begun.
const PanicNoiseNotBegun = "sensor: Until before Begin"

var errNoiseEvents = errors.New("more events than are held at once: ask for a shorter time or a lower rate")
