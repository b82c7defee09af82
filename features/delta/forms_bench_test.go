package delta_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// BenchmarkForms is a layer of which more inputs change than are other than zero, by how
// many more: beside adding all changes, multiplying what is there, which pays from some
// number on that DefaultLookMACs stands for.
func BenchmarkForms(b *testing.B) {
	layers := map[string]*delta.Network{
		"linear": build(b, `
input: {channels: 1156, max: 60}
layers:
  - {name: hidden, type: linear, out: 256}
`),
		"conv": build(b, `
input: {channels: 16, height: 17, width: 17, max: 60}
layers:
  - {name: conv, type: conv2d, out: 32, kernel: 3, stride: 2, padding: 1}
`),
	}
	forms := map[string]delta.Options{"changes": {Mode: delta.AlwaysDelta}, "inputs": {LookMACs: 1e-6}, "auto": {}}
	eachTarget(b, func(b *testing.B, target hw.Target) {
		for _, layer := range slices.Sorted(maps.Keys(layers)) {
			n := layers[layer]
			for _, more := range []int{0, 10, 20, 40, 80, 160, 320} {
				inputs := moving(n.Topology().Input, 400, more)
				for _, form := range slices.Sorted(maps.Keys(forms)) {
					b.Run(fmt.Sprintf("%s/more=%d/%s", layer, more, form), func(b *testing.B) {
						e, err := delta.NewEngineWith(n, target, forms[form])
						require.NoError(b, err)
						run(b, e, inputs)
					})
				}
			}
		}
	})
}

// moving are frames of so many values other than zero, in each of which some are elsewhere
// than in the one before, such that so many more change than there are.
func moving(in topology.Input, there, more int) (out [][]int32) {
	rng := rand.New(rand.NewPCG(3, 4))
	order := rng.Perm(in.Len())
	for range 8 {
		input := make([]int32, in.Len())
		for _, i := range order[:there] {
			input[i] = int32(1 + i%in.Max)
		}
		out = append(out, input)
		// Each that is elsewhere changes twice.
		moved := (there+more)/2 + 1
		rng.Shuffle(there, func(i, j int) { order[i], order[j] = order[j], order[i] })
		rest := order[there:]
		rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		for k := range moved {
			order[k], rest[k] = rest[k], order[k]
		}
	}
	return out
}
