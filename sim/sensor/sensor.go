package sensor

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/saccade-dev/saccade/events"
)

// Panics of the package, all mistakes of a programmer.
const (
	PanicFrameSize = "sensor: a frame must have one value for every pixel of the sensor"
	PanicNotBegun  = "sensor: Advance before Begin"
)

// Second words of the random generators' seeds: what is drawn for the camera and
// what is drawn for a recording must not be related.
const (
	cameraStream    = 0x63616d657261 // "camera"
	recordingStream = 0x6576656e7473 // "events"
)

// MaxStepEvents bounds the events of one step, and so the memory of a sensor
// beside its pixels. A step that gives more is an error: it asks for a shorter
// step or a sensor less sensitive.
const MaxStepEvents = 1 << 24

// pixel is one pixel's state: 32 bytes, two pixels a cache line.
type pixel struct {
	target int32 // log of the luminance of the last frame, what the filter runs to
	level  int32 // the filtered level
	diff   int32 // level since the last event: what the comparators look at
	on     int32 // diff at which an ON event is due, positive
	off    int32 // diff at which an OFF event is due, negative
	blind  int32 // us in reset after an event
	until  int64 // us; the end of the present reset
}

// Sensor is the state of a simulated camera. It is used by one goroutine at a
// time.
type Sensor struct {
	cfg      Config
	geometry events.Geometry
	dark     float32
	tau      float64 // us; 0 without a filter
	leak     float64 // level units a us
	leakRest float64 // level units that are due, less than one
	noise    noise

	pixels []pixel
	seen   []float32 // the last frame, to take no logarithm twice
	rng    *rand.Rand
	t      int64 // us; the time of the last frame
	begun  bool
	keys   []uint64 // the events of a step, to be sorted
}

// New makes a sensor. Camera is the seed of what differs from pixel to pixel:
// sensors of one configuration and one camera are the same piece of silicon.
// Errors are those of the configuration and the geometry.
func New(g events.Geometry, cfg Config, camera uint64) (*Sensor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if !g.Valid() {
		return nil, fmt.Errorf("sensor: sides must be from 1 to %d pixels, are %dx%d", events.MaxSide, g.Width, g.Height)
	}
	n := g.Width * g.Height
	s := &Sensor{
		cfg: cfg, geometry: g,
		dark:   float32(cfg.Dark),
		pixels: make([]pixel, n),
		seen:   make([]float32, n),
		leak:   cfg.LeakRate * cfg.ThresholdOn * levelOne / 1e6,
	}
	if cfg.Cutoff > 0 {
		s.tau = 1e6 / (2 * pi * cfg.Cutoff)
	}
	rng := rand.New(rand.NewPCG(camera, cameraStream))
	for i := range s.pixels {
		p := &s.pixels[i]
		p.on = threshold(cfg.ThresholdOn, cfg.ThresholdSigma, rng)
		p.off = -threshold(cfg.ThresholdOff, cfg.ThresholdSigma, rng)
		p.blind = int32(cfg.Refractory / time.Microsecond)
		if spread := int32(cfg.RefractorySpread / time.Microsecond); spread > 0 {
			p.blind += rng.Int32N(2*spread+1) - spread
		}
	}
	s.noise = newNoise(cfg, n, rng)
	return s, nil
}

const pi = 3.14159265358979323846

// threshold draws a pixel's threshold, within the limits of all thresholds.
func threshold(mean, sigma float64, rng *rand.Rand) int32 {
	return int32(min(MaxThreshold, max(MinThreshold, mean+float64(sigma*gauss(rng)))) * levelOne)
}

// gauss draws from a normal distribution as the sum of twelve uniform numbers:
// exact in integers. The ziggurat of rand.NormFloat64 is nearer in its tails, but
// asks math.Exp, whose last bit differs from machine to machine.
func gauss(rng *rand.Rand) float64 {
	var sum int64
	for range 12 {
		sum += int64(rng.Uint32())
	}
	return float64(sum-6*(1<<32-1)) / (1 << 32)
}

// Geometry is the sensor's size.
func (s *Sensor) Geometry() events.Geometry { return s.geometry }

// Config is what the sensor was made with.
func (s *Sensor) Config() Config { return s.cfg }

// Begin starts a recording at t microseconds, with a scene that has looked like
// frame for long. Seed is that of everything random in time: the noise, and how
// near each pixel is to its next event. Frame has Width*Height luminances; a
// frame of another size panics with PanicFrameSize, a luminance out of range is
// an error that names its pixel.
func (s *Sensor) Begin(t int64, seed uint64, frame []float32) error {
	if len(frame) != len(s.pixels) {
		panic(PanicFrameSize)
	}
	s.begun = false
	s.rng = rand.New(rand.NewPCG(seed, recordingStream))
	for i := range s.pixels {
		target, err := s.look(i, frame[i])
		if err != nil {
			return err
		}
		p := &s.pixels[i]
		p.target, p.level, p.until = target, target, t
		// A pixel has come to rest anywhere between its thresholds.
		p.diff = p.off + 1 + s.rng.Int32N(p.on-p.off-1)
	}
	copy(s.seen, frame)
	s.noise.begin(t, s.rng)
	s.t, s.leakRest = t, 0
	s.begun = true
	return nil
}

// look takes the logarithm of a luminance.
func (s *Sensor) look(i int, luminance float32) (int32, error) {
	if !(luminance >= 0 && luminance <= MaxLuminance) { // nor NaN
		return 0, fmt.Errorf("sensor: luminance at pixel (%d, %d): expected 0 to %g, found %g",
			i%s.geometry.Width, i/s.geometry.Width, float64(MaxLuminance), luminance)
	}
	return level(luminance + s.dark), nil
}

var errStepEvents = errors.New("more events than a sensor can hold: shorten the step or raise the thresholds")
