package hwtest

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// FuzzKernels compares the kernels of a target with their definition on input
// that a fuzzer chooses: the sizes, the time constant, the cells of the surface,
// the rule's parameters, the events, and the seed of the weights.
func FuzzKernels(f *testing.F, targets ...hw.Target) {
	kernels := make([]*hw.Kernels, len(targets))
	for i, target := range targets {
		kernels[i] = target.Kernels()
	}
	cells := make([]byte, 0, 64)
	for _, c := range []uint32{0, 1, math.MaxUint32, 1 << 31, 100_000, 99_999, 100_001, 80_000} {
		cells = binary.LittleEndian.AppendUint32(cells, c)
	}
	events := []byte{0, 0, 0, 1, 2, 128, 9, 0, 4, 4, 7, 0, 0, 3, 0, 255, 255, 255, 4, 4, 200, 4, 4, 1, 4, 4, 0}
	f.Add(uint8(0), uint8(0), uint8(0), uint8(0), uint32(1), uint32(0), int32(0), int32(0), uint8(0), uint64(0), []byte{}, []byte{})
	f.Add(uint8(5), uint8(0), uint8(15), uint8(1), uint32(20_000), uint32(100_000), int32(4_294_967), int32(one/2), uint8(2), uint64(1), cells, events)
	f.Add(uint8(2), uint8(2), uint8(8), uint8(9), uint32(1465), uint32(math.MaxUint32), int32(maxEta), int32(one), uint8(6), uint64(2), cells, events)
	f.Add(uint8(3), uint8(1), uint8(20), uint8(2), uint32(1<<31+50_000), uint32(100_000), int32(4_294_967), int32(one/2), uint8(6), uint64(4), cells, events)
	f.Add(uint8(31), uint8(0), uint8(3), uint8(0), uint32(hw.MaxTau), uint32(1<<31), int32(1), int32(math.MinInt32), uint8(1), uint64(3), cells, events)
	f.Fuzz(func(t *testing.T, radius, planes, neurons, gap uint8, tau, now uint32, eta, threshold int32, rule uint8, seed uint64, cells, events []byte) {
		in := &fuzzed{seed: seed, now: now % (hw.MaxStamp + 1), eta: eta & (maxEta - 1), threshold: threshold, rule: rule, cells: cells, events: events}
		in.side = 2*(int(radius)%(maxRadius+1)) + 1
		in.planes = int(planes)%3 + 1
		in.neurons = int(neurons)%64 + 1 // a fuzzer shall do many small runs
		in.gap = int(gap)
		signed := int64(tau%(1<<31)%hw.MaxTau) + 1
		if tau >= 1<<31 {
			signed = -signed
		}
		d, err := newDecay(signed, hw.PeakBits(in.planes*in.side*in.side))
		if err != nil {
			t.Fatal(err)
		}
		in.decay = d
		for i, k := range kernels {
			r := &rig{k: k}
			for _, at := range placements[:2] {
				at.name = targets[i].Name() + ", " + at.name
				r.parts(t, in, at)
				r.whole(t, in, at)
			}
		}
	})
}

// fuzzed is what a fuzzer has chosen, within the bounds of a layer.
type fuzzed struct {
	side, planes, neurons, gap int
	now                        uint32
	eta, threshold             int32
	rule                       uint8
	seed                       uint64
	decay                      *hw.Decay
	cells, events              []byte
}

func (in *fuzzed) fill(cells []uint32) {
	if words := len(in.cells) / 4; words > 0 {
		for i := range cells {
			cells[i] = binary.LittleEndian.Uint32(in.cells[4*(i%words):]) % (hw.MaxStamp + 1)
		}
	}
}

// parts takes the cells through the parts, as a layer would that has one neuron
// learn: context, match, learning step, match.
func (r *rig) parts(t testing.TB, in *fuzzed, at placement) {
	t.Helper()
	rng := rand.New(rand.NewPCG(in.seed, 0))
	p := hw.Patch{Side: in.side, Stride: in.side + in.gap, Planes: in.planes, Decay: in.decay}
	p.Plane = in.side*p.Stride + in.gap
	w := window{Patch: p, first: in.gap, now: in.now, fill: surfaceFill{name: "of the fuzzer"}, at: at}
	cells := slot[uint32](t, &r.arena, theCells, w.first+w.Span(), at)
	in.fill(cells)
	n := w.Elements()
	cells[w.index(n/2)] = in.now
	c := r.checkContext(t, rng, cells, &w)[:n]

	row := hw.ContextLen(n)
	first := slices.Clone(c)
	contexts := r.contexts(t, rng, n, int(in.rule), at)
	copy(contexts[:n], first)
	weights := slot[int16](t, &r.arena, theWeights, hw.NeuronRows(in.neurons)*row, at)
	master := make([]int32, n)
	for i := range in.neurons {
		masterFills[rng.IntN(len(masterFills))].fill(rng, master)
		for j, m := range master {
			weights[i*row+j] = hw.MatchWeight(m)
		}
	}
	r.checkMatch(t, rng, weights, contexts, in.neurons, n, nil, "of the fuzzer", at)

	learner := slotOf(t, &r.arena, theMaster, append(master, make([]int32, row-n)...), at)
	rounded := slotOf(t, &r.arena, theWeights, slices.Clone(weights[(in.neurons-1)*row:][:row]), at)
	c = slotOf(t, &r.arena, theContexts, append(first, make([]int16, row-n)...), at)
	r.checkLearn(t, learner, rounded, c, n, in.eta, "of the fuzzer")
}

// whole takes the events through Run: three bytes make one of them, and where it
// falls in a call.
func (r *rig) whole(t testing.TB, in *fuzzed, at placement) {
	t.Helper()
	rng := rand.New(rand.NewPCG(in.seed, 1))
	s := newScene(rng, in.side, in.planes, in.neurons, in.decay)
	b := s.bank
	bankFills[in.seed%uint64(len(bankFills))].fill(s)
	s.now = in.now
	in.fill(b.Cells)
	s.set(modes[in.rule%3])
	b.Eta, b.DeltaI, b.DeltaE = in.eta, thresholdSteps[in.rule/3%5], thresholdSteps[in.rule/15%5]
	for i := range b.Thresholds {
		b.Thresholds[i] = in.threshold
	}
	if in.rule >= 128 {
		b.MinRecent, b.Recent = int(in.rule-127), 1<<(in.decay.PeakBits/2)
	}
	tr := r.try(t, rng, b, at, "of the fuzzer")
	var steps []hw.Step
	most := max(2*hw.Batch, min(64, (1<<21)/(b.Neurons*b.Elements()))) // events: many runs say more than long ones
	for events := in.events[:min(len(in.events), 3*most)]; len(events) >= 3; events = events[3:] {
		x, y, how := int(events[0])%(s.width-in.side+1), int(events[1])%(s.height-in.side+1), events[2]
		s.now = min(s.now+uint32(how&31)*(in.decay.Horizon/64+1), hw.MaxStamp)
		step := s.at(x, y, int(how)%in.planes, s.now)
		if how&32 != 0 {
			step = s.fires()
		}
		steps = append(steps, step)
		if how&64 != 0 {
			tr.run(t, steps...)
			steps = nil
		}
	}
	tr.run(t, steps...)
}
