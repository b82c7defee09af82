package command_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/quantise"
)

// pictures is a small network of 2x8x8 levels as an exporter names things, with a softmax
// at its end.
const pictures = "../../features/delta/onnx/testdata/pictures.onnx"

// npy are the bytes of a numpy array.
func npy(t *testing.T, kind string, values any, shape ...int) []byte {
	sizes := ""
	for _, n := range shape {
		sizes += fmt.Sprintf("%d, ", n)
	}
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, sizes)
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	require.NoError(t, binary.Write(&b, binary.LittleEndian, uint16(len(head))))
	b.WriteString(head)
	require.NoError(t, binary.Write(&b, binary.LittleEndian, values))
	return b.Bytes()
}

// saved writes a file in a folder and gives its path.
func saved(t *testing.T, dir, name string, b []byte) string {
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

// drift is a slowly changing input of levels from -16 to 16.
func drift(frames, values int) []int8 {
	rng := rand.New(rand.NewPCG(1, 2))
	var out []int8
	now := make([]int8, values)
	for range frames {
		for range 1 + values/20 {
			now[rng.IntN(values)] = int8(rng.IntN(33) - 16)
		}
		out = append(out, now...)
	}
	return out
}

// An ONNX file becomes a network of integers that decides as the file, and that runs with
// part of the work.
func TestImportAndRun(t *testing.T) {
	dir := t.TempDir()
	frames := saved(t, dir, "frames.npy", npy(t, "|i1", drift(60, 128), 60, 2, 8, 8))
	out := filepath.Join(dir, "net.delta")

	// The layers alone need neither input nor frames.
	table := done(t, "import", pictures, "--logits")
	require.Regexp(t, `(?m)^  features\.features\.0\.Conv +conv2d +4x8x8 +76 +3,872 *$`, table)
	require.Regexp(t, `(?m)^  features\.features\.1\.Relu\.delta +delta +4x8x8 *$`, table)
	require.Regexp(t, `(?m)^  classifier\.Gemm +linear +10 +650 +640 *$`, table)
	require.Regexp(t, `(?m)^  all +726 +4,512 *$`, table)
	require.NotContains(t, table, "saved")

	// A softmax is refused by its name, with what helps.
	code, _, stderr := run(t, "import", pictures)
	require.Equal(t, 1, code)
	require.Equal(t, "saccade: "+pictures+`: onnx: node 5 "7" (Softmax of "e"): expected the sums in front of it at the end, found Softmax`+
		" (Options.Logits, --logits of the command, leaves it out, which changes no decision)\n", stderr)

	args := []string{"import", pictures, "--logits", "--input", "-16:16:1/8", "--calibrate", frames, "-o", out}
	require.Contains(t, done(t, append(args, "--step", "channel", "--levels", "31")...), "  saved   "+out+", ")
	network, err := delta.Load(out)
	require.NoError(t, err)
	require.Contains(t, network.Topology().String(), "step: channel, levels: 31")
	require.Contains(t, done(t, append(args, "--threshold", "2")...), "threshold")
	r := object(t, done(t, append(args, "--json")...))
	agreement, _ := r["agreement"].(map[string]any)
	require.Equal(t, 60.0, agreement["frames"])
	require.GreaterOrEqual(t, agreement["same_label"], 57.0)
	require.Less(t, agreement["error"], 0.05)
	require.Equal(t, 4512.0, r["macs"])
	require.Equal(t, out, r["out"])

	// What the file itself computes, as another would.
	plain, err := onnx.Load(pictures, onnx.Options{Input: onnx.Input{Min: -16, Max: 16, Scale: 1.0 / 8}, Deltas: onnx.Nowhere, Logits: true})
	require.NoError(t, err)
	reference, err := quantise.NewReference(plain.Topology, plain.Params)
	require.NoError(t, err)
	network, err = delta.Load(out)
	require.NoError(t, err)
	dense := delta.NewDense(network)
	var reals []float32
	var integers, labels []int32
	frame := make([]int32, 128)
	for k := range 60 {
		for i, v := range drift(60, 128)[k*128:][:128] {
			frame[i] = int32(v)
		}
		want, err := reference.Step(frame)
		require.NoError(t, err)
		for _, v := range want {
			reals = append(reals, float32(v))
		}
		got, err := dense.Step(frame)
		require.NoError(t, err)
		integers = append(integers, got...)
		best := 0
		for i, v := range network.Real(nil, got) {
			if v > network.Real(nil, got)[best] {
				best = i
			}
		}
		labels = append(labels, int32(best))
	}
	realFile := saved(t, dir, "reals.npy", npy(t, "<f4", reals, 60, 10))
	labelFile := saved(t, dir, "labels.npy", npy(t, "<i4", labels, 60))

	// Integers are the same in every mode, and must be.
	want := saved(t, dir, "integers.npy", npy(t, "<i4", integers, 60, 10))
	for _, mode := range []string{"auto", "delta", "dense"} {
		text := done(t, "run", out, frames, "--mode", mode, "--expect", want)
		require.Contains(t, text, "expect  600 of 600 integers as expected (100.00 %)")
		require.Contains(t, text, "  and 50 frames more\n")
	}
	integers[123]++
	want = saved(t, dir, "wrong.npy", npy(t, "<i4", integers, 60, 10))
	var stdout string
	code, stdout, stderr = run(t, "run", out, frames, "--expect", want)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "599 of 600 integers as expected")
	require.Contains(t, stderr, fmt.Sprintf("saccade: %s: frame 12, output 3: expected %d, found %d (1 of 600 are other)", want, integers[123], integers[123]-1))

	// Labels and real values are compared; a tolerance makes that a condition.
	require.Contains(t, done(t, "run", out, frames, "--expect", labelFile), "60 of 60 labels as expected (100.00 %)")
	require.Contains(t, done(t, "run", out, frames, "--expect", realFile), "600 values: the largest difference is ")
	require.Contains(t, done(t, "run", out, frames, "--expect", realFile, "--tolerance", "100"), "600 values")
	code, _, stderr = run(t, "run", out, frames, "--expect", realFile, "--tolerance", "1e-9")
	require.Equal(t, 1, code)
	require.Regexp(t, `frame \d+, output \d: expected \S+, found \S+, more than 1e-09 apart`, stderr)

	j := object(t, done(t, "run", out, frames, "--json", "--expect", realFile))
	require.Len(t, j["outputs"], 60)
	require.Len(t, j["labels"], 60)
	require.Equal(t, 4512.0, j["dense_macs"])
	require.Less(t, j["later_macs"], j["dense_macs"])
	layers, _ := j["layers"].([]any)
	total := 0.0
	for _, l := range layers {
		row, _ := l.(map[string]any)
		macs, _ := row["macs"].(float64)
		total += macs
	}
	require.InDelta(t, j["macs"], total, 1e-6)
	require.Greater(t, total, 0.0)
}

// A numpy archive with its topology, which says all that the flags say for an ONNX file.
func TestImportArchive(t *testing.T) {
	dir := t.TempDir()
	top := saved(t, dir, "net.yaml", []byte(`
input: {channels: 6, min: -16, max: 16}
layers:
  - {name: hidden, type: linear, out: 5}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: out, type: linear, out: 3, bias: false}
`))
	archive := func(name string, arrays map[string][]byte) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, data := range arrays {
			w, err := z.Create(name + ".npy")
			require.NoError(t, err)
			_, err = w.Write(data)
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		return saved(t, dir, name, b.Bytes())
	}
	rng := rand.New(rand.NewPCG(3, 4))
	numbers := func(n int) []float32 {
		out := make([]float32, n)
		for i := range out {
			out[i] = float32(rng.NormFloat64())
		}
		return out
	}
	arrays := map[string][]byte{
		"hidden.weight": npy(t, "<f4", numbers(30), 5, 6), "hidden.bias": npy(t, "<f4", numbers(5), 5),
		"out.weight": npy(t, "<f4", numbers(15), 3, 5),
	}
	net, out := archive("net.npz", arrays), filepath.Join(dir, "net.delta")
	code, _, stderr := run(t, "import", net, "--topology", top, "-o", out)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "expected --calibrate=FRAMES: layer delta has no steps")
	frames := archive("frames.npz", map[string][]byte{"frames": npy(t, "|i1", drift(20, 6), 20, 6), "other": npy(t, "|i1", []int8{1}, 1)})
	require.Contains(t, done(t, "import", net, "--topology", top, "-o", out, "--calibrate", frames), "  agrees  the same label in 20 of 20 frames")
	require.Contains(t, done(t, "run", out, frames, "--show", "2"), "  frame 1  label ")

	// Without -o the network is listed, if it is one.
	require.Contains(t, done(t, "import", net, "--topology", top), "hidden")
	broken := maps.Clone(arrays)
	broken["hidden.bias"] = npy(t, "<f4", []float32{1, 2, float32(math.NaN()), 4, 5}, 5)
	code, _, stderr = run(t, "import", archive("nan.npz", broken), "--topology", top)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "nan.npz: quantise: layer hidden: biases: value 2: found NaN")

	arrays["delta.step"] = npy(t, "<f4", []float32{0.05}, 1)
	require.Contains(t, done(t, "import", archive("whole.npz", arrays), "--topology", top, "-o", out), "  saved   ")

	bad := archive("two.npz", map[string][]byte{"a": npy(t, "|i1", []int8{1}, 1), "b": npy(t, "|i1", []int8{1}, 1)})
	for file, says := range map[string]string{
		bad: `expected an array frames or input, or one array alone, found ["a" "b"]`,
		saved(t, dir, "shape.npy", npy(t, "|i1", drift(2, 5), 2, 5)):                  "expected frames [step 6 1 1], found an array of sizes [2 5]",
		saved(t, dir, "range.npy", npy(t, "|i1", []int8{0, 0, 17, 0, 0, 0}, 1, 6)):    "levels of the input: value 2: expected -16 to 16, found 17",
		saved(t, dir, "part.npy", npy(t, "<f4", []float32{0, 0, 0.5, 0, 0, 0}, 1, 6)): "value 2: expected a whole number, found 0.5",
		saved(t, dir, "none.npy", npy(t, "|i1", []int8{}, 0, 6)):                      "found an array of sizes [0 6]",
		saved(t, dir, "text.npy", []byte("no array")):                                 "npy at byte 0",
		saved(t, dir, "empty.npy", nil):                                               "npy at byte 0",
		dir:                                                                           "expected a file of at most",
		filepath.Join(dir, "missing.npy"):                                             "no such file",
	} {
		code, _, stderr := run(t, "run", out, file)
		require.Equal(t, 1, code, file)
		require.Contains(t, stderr, says, file)
	}
	code, _, stderr = run(t, "run", out, frames, "--expect", frames)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "expected an array output, or one array alone")
}
