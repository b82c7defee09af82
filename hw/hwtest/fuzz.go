package hwtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// FuzzKernels compares the kernels of a target with their definition on input
// that a fuzzer chooses: the sizes, the time constant, the cells of the surface
// and the seed of the weights.
func FuzzKernels(f *testing.F, targets ...hw.Target) {
	const most = 64 // neurons: a fuzzer shall do many small runs
	kernels := make([]*hw.Kernels, len(targets))
	for i, target := range targets {
		kernels[i] = target.Kernels()
	}
	cells := make([]byte, 0, 64)
	for _, c := range []uint32{0, 1, math.MaxUint32, 1 << 31, 100_000, 99_999, 100_001, 80_000} {
		cells = binary.LittleEndian.AppendUint32(cells, c)
	}
	f.Add(uint8(0), uint8(0), uint8(0), uint32(1), uint32(0), int32(0), uint64(0), []byte{})
	f.Add(uint8(5), uint8(15), uint8(1), uint32(20_000), uint32(100_000), int32(4_294_967), uint64(1), cells)
	f.Add(uint8(2), uint8(8), uint8(9), uint32(1465), uint32(math.MaxUint32), int32(maxEta), uint64(2), cells)
	f.Add(uint8(31), uint8(3), uint8(0), uint32(hw.MaxTau), uint32(1<<31), int32(1), uint64(3), cells)
	f.Fuzz(func(t *testing.T, radius, neurons, gap uint8, tau, now uint32, eta int32, seed uint64, cells []byte) {
		side := 2*(int(radius)%(maxRadius+1)) + 1
		stride := side + int(gap)
		count := int(neurons)%most + 1
		d, err := hw.NewDecay(int64(tau%hw.MaxTau)+1, hw.PeakBits(side*side))
		if err != nil {
			t.Fatal(err)
		}
		eta &= maxEta - 1
		for i, k := range kernels {
			r := newRig(t, k, side, stride, count)
			rng := rand.New(rand.NewPCG(seed, 0))
			for _, at := range placements[:2] {
				at.name = targets[i].Name() + ", " + at.name
				r.event(t, rng, side, stride, count, now, eta, d, cells, at)
			}
		}
	})
}

// event is what a layer does for an event: context, match, learning step, the
// winner's weights packed again.
func (r *rig) event(t testing.TB, rng *rand.Rand, side, stride, neurons int, now uint32, eta int32, d *hw.Decay, cells []byte, at placement) {
	t.Helper()
	n := side * side
	surface := place[uint32](r.surface, (side-1)*stride+side, at)
	for i := range surface {
		if len(cells) >= 4 {
			surface[i] = binary.LittleEndian.Uint32(cells[4*(i%(len(cells)/4)):])
		}
	}
	surface[side/2*stride+side/2] = now
	c := r.checkContext(t, surface, stride, side, now, d, at, "of the fuzzer")
	clear(c[n:])

	what := fmt.Sprintf("%d neurons, side %d, %s", neurons, side, at.name)
	weights := place[uint64](r.weights, r.k.WeightWords(neurons, n), at)
	master := place[int32](r.master, n, at)
	want := make([]int32, neurons)
	for i := range want {
		masterFills[rng.IntN(len(masterFills))].fill(rng, master)
		want[i] = defineDot(master, c)
		r.pack(t, weights, neurons, i, master, what)
	}
	r.checkMatch(t, weights, c, want, what, at)

	r.checkLearn(t, master, c, eta, what)
	want[neurons-1] = defineDot(master, c)
	r.pack(t, weights, neurons, neurons-1, master, what)
	r.checkMatch(t, weights, c, want, what+", after learning", at)
}
