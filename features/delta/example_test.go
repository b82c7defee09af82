package delta_test

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// A network of two layers, put together by hand: only what changed since the step before
// is multiplied.
func Example() {
	top, err := topology.Parse([]byte(`
input: {channels: 4, max: 9}
layers:
  - {name: hidden, type: linear, out: 2}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: out, type: linear, out: 1, bias: false}
`), "example.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	half, err := delta.NewRequant(0.5) // a level is two units of the sums
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := delta.New(top, []delta.Params{
		{Weights8: []int8{1, 2, 3, 4, 0, -1, 0, 1}, Bias: []int32{0, 2}},
		{}, // of the ReLU
		{Requant: []delta.Requant{half}},
		{Weights8: []int8{10, 1}},
	}, delta.Scales{Input: 1, Output: []float64{0.1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	target, err := hw.Find("purego")
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := delta.NewEngine(n, target)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, input := range [][]int32{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 4, 4}} {
		out, err := e.Step(input)
		if err != nil {
			fmt.Println(err)
			return
		}
		c := e.Counters()
		done, dense := c.MACs()
		fmt.Printf("%v -> %d, which is %.1f: %d of %d multiply-adds\n", input, out, n.Real(nil, out), done, dense)
	}
	// Output:
	// [1 2 3 4] -> [152], which is [15.2]: 10 of 10 multiply-adds
	// [1 2 3 4] -> [152], which is [15.2]: 0 of 10 multiply-adds
	// [1 2 4 4] -> [172], which is [17.2]: 3 of 10 multiply-adds
}
