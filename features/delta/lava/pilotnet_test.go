package lava_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/lava"
	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

func ints(t testing.TB, arrays npz.Archive, name string, shape ...int) []int32 {
	a, err := arrays.Get(name, shape...)
	require.NoError(t, err)
	values, err := a.Ints(math.MinInt32, math.MaxInt32)
	require.NoError(t, err)
	out := make([]int32, len(values))
	for i, v := range values {
		out[i] = int32(v)
	}
	return out
}

func pilotNet(t testing.TB) (*topology.Topology, npz.Archive) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("PilotNet: SACCADE_DATA is not set")
	}
	arrays, err := npz.Load(filepath.Join(data, "lava_pilotnet", "pilotnet_sdnn.npz"))
	require.NoError(t, err)
	top, err := topology.Load("testdata/pilotnet.yaml")
	require.NoError(t, err)
	return top, arrays
}

// PilotNet's nine values are lava's own, on every target, and again after a reset.
func TestPilotNet(t *testing.T) {
	_, arrays := pilotNet(t)
	input := ints(t, arrays, "input", 3, 33, 100)
	want := ints(t, arrays, "output", -1)
	require.Equal(t, []int32{0, -3840, 4880, 361928, 461416, 342568, -315628, -315628, -31026}, want)
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		n, err := lava.Load("testdata/pilotnet.yaml", filepath.Join(os.Getenv("SACCADE_DATA"), "lava_pilotnet", "pilotnet_sdnn.npz"), target)
		require.NoError(t, err)
		for range 2 {
			var got []int32
			for step := range want {
				out, err := n.Step(input)
				require.NoError(t, err)
				got = append(got, out...)
				done, dense := macs(n)
				t.Logf("step %d: output %d, %d of %d multiply-adds (%.2f %%)", step, out, done, dense, 100*float64(done)/float64(dense))
			}
			require.Equal(t, want, got)
			n.Reset()
		}
	})
}

func macs(n *lava.Network) (done, dense uint64) {
	for _, c := range n.Counters() {
		done += c.MACs
		dense += c.DenseMACs
	}
	return done, dense
}

// A wrong array, or layers in another order, is an error that names the layer.
func TestPilotNetRefused(t *testing.T) {
	top, arrays := pilotNet(t)
	target, err := hw.Find("purego")
	require.NoError(t, err)
	text, err := os.ReadFile("testdata/pilotnet.yaml")
	require.NoError(t, err)
	refused := func(old, replacement, says string) {
		t.Helper()
		changed := strings.Replace(string(text), old, replacement, 1)
		require.NotEqual(t, string(text), changed)
		top, err := topology.Parse([]byte(changed), "pilotnet.yaml")
		require.NoError(t, err)
		_, err = lava.New(top, arrays, target)
		require.ErrorContains(t, err, says)
	}
	refused("out: 36", "out: 35", "lava: layer layer2: array layer2.weight: expected shape [35 24 3 3], found [36 24 3 3]")
	refused("{name: layer7.relu, type: relu}", "{name: layer7.relu, type: sigma}", "layer layer7.delta: expected nothing behind sigma")
	refused("  - {name: layer0.delta, type: delta}\n", "", "lava: layer layer1: expected a delta of the input, found conv2d")
	refused("bias: false", "bias: true", "array layer9.bias: expected it, found input, layer1.bias")
	refused("  - {name: layer9.out, type: sigma}\n", "", "expected relu, or sigma of the last layer, found the end of the layers")
	refused("name: layer9.out, type: sigma", "name: layer9.out, from: layer9, type: maxpool, kernel: 1", "layer layer9.out: expected relu, or sigma of the last layer, found maxpool")
	delete(arrays, "layer3.bias")
	_, err = lava.New(top, arrays, target)
	require.ErrorContains(t, err, "layer layer3: array layer3.bias: expected it")
}

func TestStepRefuses(t *testing.T) {
	top, arrays := pilotNet(t)
	target, err := hw.Find("purego")
	require.NoError(t, err)
	n, err := lava.New(top, arrays, target)
	require.NoError(t, err)
	_, err = n.Step(make([]int32, 3))
	require.EqualError(t, err, "lava: expected an input of 9900 values, found 3")
	input := make([]int32, 9900)
	input[7] = 1 << 15
	_, err = n.Step(input)
	require.EqualError(t, err, "lava: value 7 of the input: expected -32767 to 32767, found 32768")
}

// BenchmarkPilotNet is a step in which the whole pipeline is full.
func BenchmarkPilotNet(b *testing.B) {
	top, arrays := pilotNet(b)
	input := ints(b, arrays, "input", 3, 33, 100)
	zero := make([]int32, len(input))
	for _, target := range hw.Targets() {
		if target.Usable() != nil {
			continue
		}
		b.Run(target.Name(), func(b *testing.B) {
			n, err := lava.New(top, arrays, target)
			require.NoError(b, err)
			done, dense := uint64(0), uint64(0)
			for i := 0; b.Loop(); i++ {
				in := input
				if i%2 == 1 {
					in = zero
				}
				if _, err := n.Step(in); err != nil {
					b.Fatal(err)
				}
				step, all := macs(n)
				done += step
				dense += all
			}
			b.ReportMetric(float64(done)/float64(dense), "of-dense")
		})
	}
}
