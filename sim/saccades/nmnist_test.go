package saccades

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
)

// realData is where the real recordings are.
func realData(t *testing.T) string {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("compares with real N-MNIST recordings: set SACCADE_DATA")
	}
	return data
}

// realMNIST leaves out the images that the real recordings of the test half are of.
func realMNIST(t *testing.T, data string) (all, training *digits.MNIST) {
	m, err := digits.OpenMNIST(filepath.Join(data, "mnist", "t10k-images-idx3-ubyte.gz"), filepath.Join(data, "mnist", "t10k-labels-idx1-ubyte.gz"))
	require.NoError(t, err)
	return m, m.Slice(100, m.Len())
}

// readRecording reads N-MNIST's five bytes an event: x, y, and a big-endian number of
// which the first bit is the polarity and the others are the time in us.
func readRecording(t *testing.T, path string) []events.Event {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Zero(t, len(b)%5)
	all := make([]events.Event, 0, len(b)/5)
	for ; len(b) > 0; b = b[5:] {
		all = append(all, events.Event{
			T: int64(b[2]&0x7f)<<16 | int64(b[3])<<8 | int64(b[4]),
			X: uint16(b[0]), Y: uint16(b[1]), P: events.Polarity(b[2] >> 7),
		})
	}
	return all
}

const side, bin, bins = 34, 10000, 32 // pixels, us, bins

// statistics are of a set of recordings; what is per polarity has OFF first.
type statistics struct {
	n        float64
	events   []float64
	duration []float64 // ms, from the first to the last event
	rate     [2][]float64
	place    []float64 // events a pixel
	x, y     [2][]float64
	xx, yy   float64
	interval []float64 // ms, between events of one polarity at a pixel
	run      float64   // events of one polarity in a row at a pixel
}

func measure(recordings [][]events.Event) *statistics {
	s := &statistics{n: float64(len(recordings)), place: make([]float64, side*side)}
	for p := range s.rate {
		s.rate[p], s.x[p], s.y[p] = make([]float64, bins), make([]float64, bins), make([]float64, bins)
	}
	total, runs := 0.0, 0.0
	for _, r := range recordings {
		s.events = append(s.events, float64(len(r)))
		s.duration = append(s.duration, float64(r[len(r)-1].T-r[0].T)/1000)
		last := map[int]events.Event{}
		for _, e := range r {
			b := min(int(e.T/bin), bins-1)
			i := int(e.Y)*side + int(e.X)
			x, y := float64(e.X), float64(e.Y)
			s.rate[e.P][b]++
			s.x[e.P][b] += x
			s.y[e.P][b] += y
			s.xx += (x - 16.5) * (x - 16.5)
			s.yy += (y - 16.5) * (y - 16.5)
			s.place[i]++
			total++
			if before, ok := last[i]; ok && before.P == e.P {
				s.interval = append(s.interval, float64(e.T-before.T)/1000)
			} else {
				runs++
			}
			last[i] = e
		}
	}
	s.xx, s.yy, s.run = math.Sqrt(s.xx/total), math.Sqrt(s.yy/total), total/runs
	slices.Sort(s.interval)
	return s
}

func (s *statistics) quantile(q float64) float64 { return s.interval[int(q*float64(len(s.interval)))] }

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

func deviation(v []float64) float64 {
	m, d := mean(v), 0.0
	for _, x := range v {
		d += (x - m) * (x - m) / float64(len(v))
	}
	return math.Sqrt(d)
}

func correlation(a, b []float64) float64 {
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// Simulated recordings of MNIST's digits have the statistics of the real ones, which
// are of other digits of MNIST.
func TestStatisticsOfNMNIST(t *testing.T) {
	data := realData(t)
	var recordings [2][][]events.Event
	_, training := realMNIST(t, data)
	rng := rand.New(rand.NewPCG(1, 1))
	for label := range digits.Classes {
		paths, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", strconv.Itoa(label), "*.bin"))
		require.NoError(t, err)
		require.NotEmpty(t, paths)
		for i, path := range paths {
			recordings[0] = append(recordings[0], readRecording(t, path))
			if i%8 == 0 { // as often of each digit
				m, err := training.Digit(label, rng)
				require.NoError(t, err)
				r, err := Record(t.Context(), &m, DefaultConfig(), rng.Uint64())
				require.NoError(t, err)
				recordings[1] = append(recordings[1], r)
			}
		}
	}
	want, got := measure(recordings[0]), measure(recordings[1])
	share := func(s *statistics) float64 { return mean(s.rate[1]) / (mean(s.rate[0]) + mean(s.rate[1])) }
	t.Logf("            real  simulated")
	for _, l := range []struct {
		name string
		of   func(*statistics) float64
	}{
		{"events    ", func(s *statistics) float64 { return mean(s.events) }},
		{"deviation ", func(s *statistics) float64 { return deviation(s.events) }},
		{"ON share  ", share},
		{"duration  ", func(s *statistics) float64 { return mean(s.duration) }},
		{"spread x  ", func(s *statistics) float64 { return s.xx }},
		{"spread y  ", func(s *statistics) float64 { return s.yy }},
		{"interval  ", func(s *statistics) float64 { return s.quantile(0.5) }},
		{"   10 %   ", func(s *statistics) float64 { return s.quantile(0.1) }},
		{"   90 %   ", func(s *statistics) float64 { return s.quantile(0.9) }},
		{"run       ", func(s *statistics) float64 { return s.run }},
	} {
		t.Logf("%s %8.3f %8.3f", l.name, l.of(want), l.of(got))
	}
	require.InEpsilon(t, mean(want.events), mean(got.events), 0.1)
	require.InEpsilon(t, deviation(want.events), deviation(got.events), 0.15)
	require.InDelta(t, share(want), share(got), 0.02)
	require.InEpsilon(t, mean(want.duration), mean(got.duration), 0.02)
	require.InEpsilon(t, want.xx, got.xx, 0.05)
	require.InEpsilon(t, want.yy, got.yy, 0.05)
	require.InEpsilon(t, want.quantile(0.5), got.quantile(0.5), 0.2)
	require.InEpsilon(t, want.run, got.run, 0.15)
	c := correlation(want.place, got.place)
	t.Logf("correlation of the place %.4f", c)
	require.Greater(t, c, 0.97)
	for p := range 2 {
		c := correlation(want.rate[p], got.rate[p])
		t.Logf("%s: correlation of the rate %.4f", events.Polarity(p), c)
		require.Greater(t, c, 0.97)
		// Three bursts: the middle of each far above what lies between.
		for _, burst := range [][3]int{{9, 4, 9}, {9, 15, 21}, {21, 25, 30}} {
			quiet := max(got.rate[p][burst[0]], got.rate[p][burst[2]])
			require.Greater(t, got.rate[p][burst[1]], 4*quiet)
		}
		// Where the events of a polarity are, at every moment with many of them.
		for b := range bins {
			a, s := want.rate[p][b], got.rate[p][b]
			if a/want.n > 40 {
				require.InDelta(t, want.x[p][b]/a, got.x[p][b]/s, 0.8, "x, %s, %d ms", events.Polarity(p), b*10)
				require.InDelta(t, want.y[p][b]/a, got.y[p][b]/s, 0.8, "y, %s, %d ms", events.Polarity(p), b*10)
			}
		}
	}
}

// A simulated recording of an image is nearer to the real recording of that image than
// to nearly all real recordings of other images. The parameters were fitted to
// recordings of the training half only.
func TestRecordingsOfTheSameImage(t *testing.T) {
	data := realData(t)
	mnist, _ := realMNIST(t, data)
	paths, err := filepath.Glob(filepath.Join(data, "nmnist", "Test", "*", "t*.bin"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	recorded, simulated := make([][]float64, 0, len(paths)), make([][]float64, 0, len(paths))
	var counts [2][]float64
	for _, path := range paths {
		number, err := strconv.Atoi(filepath.Base(path)[1:6]) // counts from 1
		require.NoError(t, err)
		image, label := mnist.Image(number - 1)
		require.Equal(t, filepath.Base(filepath.Dir(path)), strconv.Itoa(label))
		r := readRecording(t, path)
		s, err := Record(t.Context(), &image, DefaultConfig(), uint64(number))
		require.NoError(t, err)
		recorded, simulated = append(recorded, features(r)), append(simulated, features(s))
		counts[0], counts[1] = append(counts[0], float64(len(r))), append(counts[1], float64(len(s)))
	}
	right, own := 0, 0.0
	for i := range recorded {
		best := 0
		for k := range simulated {
			if dot(recorded[i], simulated[k]) > dot(recorded[i], simulated[best]) {
				best = k
			}
		}
		if best == i {
			right++
		}
		own += dot(recorded[i], simulated[i]) / float64(len(recorded))
	}
	c := correlation(counts[0], counts[1])
	t.Logf("%d of %d recordings found; mean correlation with the own one %.3f; of the numbers of events %.3f", right, len(recorded), own, c)
	require.Greater(t, float64(right), 0.85*float64(len(recorded)))
	require.Greater(t, own, 0.75)
	require.Greater(t, c, 0.9)
}

// features counts the events of either polarity in squares of four pixels and in each
// saccade, and scales the counts so that the product of two vectors is their correlation.
func features(all []events.Event) []float64 {
	v := make([]float64, 3*2*side*side/4)
	for _, e := range all {
		third := 0
		switch {
		case e.T >= 218000:
			third = 2
		case e.T >= 100000:
			third = 1
		}
		v[((third*2+int(e.P))*side/2+int(e.Y)/2)*side/2+int(e.X)/2]++
	}
	m, d := mean(v), deviation(v)*math.Sqrt(float64(len(v)))
	for i := range v {
		v[i] = (v[i] - m) / d
	}
	return v
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// The ten classes of the drawn digits are there to be found by a classifier, and not
// all at once: the nearest of some hundred recordings is of the same digit for most.
func TestRecordedDigitsAreSeparableButNotTrivially(t *testing.T) {
	const known, asked = 150, 60
	d, err := NewDataSet(fonts(t), DefaultConfig(), known+asked, 3)
	require.NoError(t, err)
	var seen [][]float64
	var labels []int
	right := 0
	for r, err := range d.All(t.Context(), 2) {
		require.NoError(t, err)
		v := features(r.Events)
		if r.Index < known {
			seen, labels = append(seen, v), append(labels, r.Label)
			continue
		}
		best, nearest := math.Inf(-1), 0
		for i := range seen {
			if c := dot(v, seen[i]); c > best {
				best, nearest = c, i
			}
		}
		if labels[nearest] == r.Label {
			right++
		}
	}
	t.Logf("%d of %d", right, asked)
	require.Greater(t, right, asked*7/10)
	require.Less(t, right, asked)
}
