package hwtest

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// FuzzDelta compares the delta networks' kernels of targets with their definition on
// input that a fuzzer chooses: the sizes, the deltas or taps, and the seed of the
// weights. Where they point is not bounded: a kernel has to refuse what is outside.
func FuzzDelta(f *testing.F, targets ...hw.Target) {
	list := []byte{3, 0, 0, 127, 0, 0, 0, 1, 2, 1, 128, 0, 0, 0, 0, 1, 0, 0, 0, 0, 128, 2, 2, 3, 255, 255, 255, 127}
	f.Add(uint8(0), uint16(0), uint8(0), uint8(0), uint64(0), []byte{})
	f.Add(uint8(0), uint16(10), uint8(0), uint8(5), uint64(1), list)
	f.Add(uint8(1), uint16(256), uint8(3), uint8(200), uint64(2), list)
	f.Add(uint8(2), uint16(16), uint8(9), uint8(40), uint64(3), list)
	f.Add(uint8(3), uint16(77), uint8(0), uint8(255), uint64(4), list)
	f.Add(uint8(4), uint16(77), uint8(3), uint8(9), uint64(5), list)
	f.Add(uint8(5), uint16(100), uint8(1), uint8(4), uint64(6), list)
	f.Fuzz(func(t *testing.T, kind uint8, length uint16, gap, places uint8, seed uint64, list []byte) {
		in := &fuzzedDelta{length: int(length % 600), gap: int(gap), places: int(places) + 1, seed: seed, list: list[:min(len(list), 7*300)]}
		for _, target := range targets {
			k := &target.Kernels().Delta
			for _, at := range placements[:2] {
				at.name = target.Name() + ", " + at.name
				switch kind % 6 {
				case 0:
					fuzzColumns(t, in, k.Columns8, at)
				case 1:
					fuzzColumns(t, in, k.Columns16, at)
				case 2:
					fuzzTaps(t, in, k.Taps8, at)
				case 3:
					fuzzTaps(t, in, k.Taps16, at)
				case 4:
					fuzzChanges(t, in, k.Changes, at)
				default:
					fuzzLevels(t, in, k.Levels, at)
				}
			}
		}
	})
}

// fuzzedDelta is what a fuzzer has chosen: rows or channels, what a stride has more,
// inputs or places that taps point to, and seven bytes for each delta or tap.
type fuzzedDelta struct {
	length, gap, places int
	seed                uint64
	list                []byte
}

// taps are those that the bytes make. An index of 128 or more is one from the end of
// all places; 255 points behind them, and 254 before.
func (in *fuzzedDelta) taps() []hw.Tap {
	index := func(b byte) int32 {
		switch {
		case b == 255:
			return int32(in.places)
		case b == 254:
			return -1
		case b >= 128:
			return int32(max(in.places-int(b)+127, 0))
		}
		return int32(int(b) % in.places)
	}
	var out []hw.Tap
	for b := range slices.Chunk(in.list, 7) {
		if len(b) == 7 {
			value := int32(binary.LittleEndian.Uint32(b[2:])) >> (b[6] % 32)
			out = append(out, hw.Tap{Z: index(b[0]), W: index(b[1]), Value: value})
		}
	}
	return out
}

func (in *fuzzedDelta) outside(index int32) bool { return index < 0 || int(index) >= in.places }

func fuzzColumns[W deltaWeight](t testing.TB, in *fuzzedDelta, kernel columns[W], at placement) {
	t.Helper()
	r, rng := new(rig), rand.New(rand.NewPCG(in.seed, 2))
	d := dense{rows: in.length, stride: in.length + in.gap, inputs: in.places}
	var deltas []hw.Delta
	refused := false
	for _, tap := range in.taps() {
		deltas = append(deltas, hw.Delta{Index: tap.W, Value: tap.Value})
		// Without rows and a stride, all columns are in the same place: none.
		refused = refused || in.outside(tap.W) && (d.stride > 0 || tap.W < 0)
	}
	if !refused {
		checkColumns(t, &r.arena, rng, kernel, d, deltas, at, "of the fuzzer")
		return
	}
	z := slot[int32](t, &r.arena, theSums, d.rows, at)
	weights := slot[W](t, &r.arena, theDeltaWeights, d.weights(), at)
	list := slotOf(t, &r.arena, theDeltas, deltas, at)
	r.refuses(t, "a delta outside, "+at.name, func() { kernel(z, weights, d.stride, list) })
	if slices.ContainsFunc(z, func(sum int32) bool { return sum != 0 }) {
		t.Fatalf("%s: sums were changed ahead of the panic", at.name)
	}
}

func fuzzTaps[W deltaWeight](t testing.TB, in *fuzzedDelta, kernel taps[W], at placement) {
	t.Helper()
	r, rng := new(rig), rand.New(rand.NewPCG(in.seed, 3))
	list := in.taps()
	if !slices.ContainsFunc(list, func(tap hw.Tap) bool { return in.outside(tap.Z) || in.outside(tap.W) }) {
		checkTaps(t, &r.arena, rng, kernel, in.length, in.places, in.places, list, at, "of the fuzzer")
		return
	}
	z := slot[int32](t, &r.arena, theSums, in.places-1+in.length, at)
	weights := slot[W](t, &r.arena, theDeltaWeights, in.places-1+in.length, at)
	guarded := slotOf(t, &r.arena, theTaps, list, at)
	r.refuses(t, "a tap outside, "+at.name, func() { kernel(z, weights, in.length, guarded) })
	if slices.ContainsFunc(z, func(sum int32) bool { return sum != 0 }) {
		t.Fatalf("%s: sums were changed ahead of the panic", at.name)
	}
}
