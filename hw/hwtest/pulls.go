package hwtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testPulls learns with pulls, weights and contexts that have nothing to do with each
// other. Where sums leave 32 bits, they are modulo 2^32: that of the squares from
// four weights of one on, and that of both products and the half where all three are
// as large as they can be.
func testPulls(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(17, 17))
	r := &rig{k: k}
	renormals := []int16{math.MinInt16, math.MinInt16 + 1, -1, 0, 1, math.MaxInt16}
	for elements := 1; elements <= 130; elements++ {
		for i, at := range placements {
			master, weights, c := r.anyWeights(t, rng, elements, at)
			for step := range 3 {
				norm := hw.Norm(sumOfSquares(c))
				p := hw.NewPull(norm, int32(rng.Uint32()), rng.Uint32(), etas[rng.IntN(len(etas))])
				if step > 0 {
					p.Renormal = renormals[(elements+i+step)%len(renormals)]
				}
				// With a rate, the greatest half.
				if step == 2 {
					p.Rate, p.Drop = hw.Rate(1<<17 - 1)
				}
				r.checkPull(t, master, weights, c, elements, p,
					fmt.Sprintf("%d elements, pull %+v, step %d, %s", elements, p, step, at.name))
			}
		}
	}
	r.testOverflow(t)
}

// anyWeights makes weights of up to one, in any number, and a context.
func (r *rig) anyWeights(t testing.TB, rng *rand.Rand, elements int, at placement) (master []int32, weights, c []int16) {
	t.Helper()
	row := hw.ContextLen(elements)
	master = slot[int32](t, &r.arena, theMaster, row, at)
	weights = slot[int16](t, &r.arena, theWeights, row, at)
	c = slot[int16](t, &r.arena, theContexts, row, at)
	for i := range elements {
		switch rng.IntN(4) {
		case 0:
			master[i] = 1 << hw.MasterFraction
		case 1:
			master[i] = -1 << hw.MasterFraction
		default:
			master[i] = rng.Int32N(1<<(hw.MasterFraction+1)+1) - 1<<hw.MasterFraction
		}
		weights[i] = hw.MatchWeight(master[i])
	}
	fillContext(rng, contextFills[rng.IntN(len(contextFills))], c[:elements])
	return master, weights, c
}

// testOverflow has the one sum of the learning step that leaves 32 bits by its half.
func (r *rig) testOverflow(t testing.TB) {
	t.Helper()
	for elements := 1; elements <= 40; elements++ {
		row := hw.ContextLen(elements)
		for _, at := range placements {
			master := slot[int32](t, &r.arena, theMaster, row, at)
			weights := slot[int16](t, &r.arena, theWeights, row, at)
			c := slot[int16](t, &r.arena, theContexts, row, at)
			p := hw.Pull{Renormal: math.MinInt16}
			p.Rate, p.Drop = hw.Rate(1<<17 - 1)
			p.Shift, p.Factor = hw.Scale(hw.Norm(1))
			for i := range elements {
				master[i], weights[i], c[i] = -1<<hw.MasterFraction, math.MinInt16, 1
			}
			d := int64(hw.Difference(hw.Normalised(c[0], p.Shift, p.Factor), weights[0]))
			if sum := d*int64(p.Rate) + int64(weights[0])*int64(p.Renormal) + 1<<(p.Drop-1); sum <= math.MaxInt32 {
				t.Fatalf("the test's sum is %d, which fits in 32 bits", sum)
			}
			r.checkPull(t, master, weights, c, elements, p, fmt.Sprintf("%d elements, a sum of more than 32 bits, %s", elements, at.name))
		}
	}
}
