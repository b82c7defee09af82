package rtltest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// vectors are files of a run, as daemon/hil writes them, with what the model answers.
type vectors struct{ parts map[string][]uint32 }

var _ hwfpga.Bus = (*vectors)(nil)

func (v *vectors) Write(address, value uint32) error {
	v.parts["config"] = append(v.parts["config"], address, value)
	return nil
}

func (v *vectors) Read(address uint32) (uint32, error) {
	return map[uint32]uint32{hwfpga.RegID: hwfpga.ID, hwfpga.RegVersion: hwfpga.Version}[address], nil
}

func (v *vectors) write(t testing.TB, folder string) {
	t.Helper()
	for name, words := range v.parts {
		var b strings.Builder
		fmt.Fprintf(&b, "// %s\n", name)
		for i, w := range words {
			fmt.Fprintf(&b, "%08x", w)
			if i%7 == 0 {
				b.WriteString(" // a comment")
			}
			b.WriteString("\n")
		}
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".hex"), []byte(b.String()), 0o666))
	}
}

// The test bench runs vectors by itself, finds all as the model has it, and says which word is not as expected.
func TestVectors(t *testing.T) {
	b, c := builds["small"], three(t)
	c.Learning, c.Selecting = true, true
	c.Rates[0].Eta, c.Rates[0].DeltaI = 1<<24, 1<<16
	program := compiled(t, b)
	rng := rand.New(rand.NewPCG(8, 8))
	v := &vectors{parts: map[string][]uint32{}}
	require.NoError(t, hwfpga.Configure(v, c))
	model, err := fpga.NewDevice(b)
	require.NoError(t, err)
	require.NoError(t, hwfpga.Configure(model, c))
	for !model.Idle() {
		model.Tick(fpga.In{})
	}
	memory := func(name string, window uint32, n int, word func() uint32) {
		require.NoError(t, model.Write(hwfpga.RegWindow, window))
		for range n {
			if word != nil { // reading goes on to the next place, so what is written is kept
				w := word()
				require.NoError(t, model.Write(hwfpga.RegData, w))
				v.parts[name] = append(v.parts[name], w)
				continue
			}
			w, err := model.Read(hwfpga.RegData)
			require.NoError(t, err)
			v.parts[name] = append(v.parts[name], w)
		}
	}
	memory("weights_in", hwfpga.WindowMaster, 27, func() uint32 { return rng.Uint32N(1 << 23) })
	memory("thresholds_in", hwfpga.WindowThresholds, 3, func() uint32 { return rng.Uint32N(1 << 22) })
	v.parts["stimulus"] = append(words(c, 300), hwfpga.CommandWord, hwfpga.Mark(0x5cad))
	require.NoError(t, fpga.Run(t.Context(), model, v.parts["stimulus"], fpga.Flow{}, func(w uint32) {
		v.parts["expected"] = append(v.parts["expected"], w)
	}))
	memory("weights_out", hwfpga.WindowMaster, 27, nil)
	memory("thresholds_out", hwfpga.WindowThresholds, 3, nil)
	memory("surface_out", hwfpga.WindowSurface, 25, nil)
	require.NotEqual(t, v.parts["weights_in"], v.parts["weights_out"])

	folder := t.TempDir()
	run := func() (string, error) {
		v.write(t, folder)
		out, err := exec.CommandContext(t.Context(), program, folder).CombinedOutput()
		return string(out), err
	}
	out, err := run()
	require.NoError(t, err, out)
	require.Equal(t, "602 words in, 901 words out, all as expected\n", out)
	for name, complaint := range map[string]string{
		"expected": "expected.hex: word 5: ", "weights_out": "weights_out.hex: word 5: ", "surface_out": "surface_out.hex: word 5: ",
	} {
		v.parts[name][5] ^= 1
		out, err = run()
		require.Error(t, err)
		require.Contains(t, out, complaint)
		v.parts[name][5] ^= 1
	}
	require.NoError(t, os.Remove(filepath.Join(folder, "expected.hex")))
	delete(v.parts, "expected")
	out, err = run()
	require.Error(t, err)
	require.Contains(t, out, "expected.hex: cannot be read")
}
