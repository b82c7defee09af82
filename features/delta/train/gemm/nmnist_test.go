package gemm

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// realFrames are 64 frames of 34 x 34 pixels, of recordings that are spread over the training half: the events of
// 50 ms, counted by pixel.
func realFrames(t testing.TB) (frames []float32, share float64) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	const side, window = 34, 50_000
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(list), batch)
	frames = make([]float32, batch*side*side)
	for i := range batch {
		file, err := events.Open(list[i*len(list)/batch].Path, events.OpenOptions{})
		require.NoError(t, err)
		all, err := events.ReadAll(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		for _, e := range all {
			if e.T-all[0].T < window {
				frames[(i*side+int(e.Y))*side+int(e.X)]++
			}
		}
	}
	count := 0
	for _, v := range frames {
		if v != 0 {
			count++
		}
	}
	return frames, float64(count) / float64(len(frames))
}

// step is the products of a training step of the network 1156-256-10 on such frames, its weights stored an input a row.
type step struct {
	x, w1, h, w2   []float32 // inputs and weights
	y, d2, d1      []float32 // outputs and gradients of sums
	gradW1, gradW2 []float32
}

const batch, inputs, hidden, classes = 64, 34 * 34, 256, 10

func newStep(frames []float32) *step {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = 0.05 * small(rng)
		}
		return x
	}
	return &step{
		x: frames, w1: random(inputs * hidden), w2: random(hidden * classes),
		h: make([]float32, batch*hidden), y: make([]float32, batch*classes), d2: random(batch * classes), d1: make([]float32, batch*hidden),
		gradW1: make([]float32, inputs*hidden), gradW2: make([]float32, hidden*classes),
	}
}

func (s *step) run(u unit, sparse bool) {
	if sparse {
		u.mulSparse(s.h, hidden, s.x, inputs, false, s.w1, hidden, batch, hidden, inputs, false)
	} else {
		u.mul(s.h, hidden, s.x, inputs, false, s.w1, hidden, false, batch, hidden, inputs, false)
	}
	u.mul(s.y, classes, s.h, hidden, false, s.w2, classes, false, batch, classes, hidden, false)
	u.mul(s.gradW2, classes, s.h, hidden, true, s.d2, classes, false, hidden, classes, batch, false)
	u.mul(s.d1, hidden, s.d2, classes, false, s.w2, classes, true, batch, hidden, classes, false)
	if sparse {
		u.mulSparse(s.gradW1, hidden, s.x, inputs, true, s.d1, hidden, inputs, hidden, batch, false)
	} else {
		u.mul(s.gradW1, hidden, s.x, inputs, true, s.d1, hidden, false, inputs, hidden, batch, false)
	}
}

func TestRealFramesGiveTheSameBits(t *testing.T) {
	frames, share := realFrames(t)
	require.Positive(t, share)
	require.Less(t, share, 0.5)
	t.Logf("%.3f of the frames' pixels are not zero", share)
	want := newStep(frames)
	want.run(unitGo, false)
	for _, u := range usable() {
		for _, sparse := range []bool{false, true} {
			got := newStep(frames)
			got.run(u, sparse)
			sameBits(t, want.h, got.h, "%v: hidden", u)
			sameBits(t, want.y, got.y, "%v: outputs", u)
			sameBits(t, want.d1, got.d1, "%v: gradient of the hidden", u)
			sameBits(t, want.gradW2, got.gradW2, "%v: gradient of the second weights", u)
			sameBits(t, want.gradW1, got.gradW1, "%v: gradient of the first weights", u)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	frames, share := realFrames(b)
	s := newStep(frames)
	for _, u := range usable() {
		for _, sparse := range []bool{false, true} {
			b.Run(u.String()+map[bool]string{false: "/dense", true: "/sparse"}[sparse], func(b *testing.B) {
				for b.Loop() {
					s.run(u, sparse)
				}
				b.ReportMetric(share, "not-zero")
			})
		}
	}
}
