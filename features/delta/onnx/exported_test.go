package onnx_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/quantise"
)

// valuesOf reads the raw values of a TensorProto, and skips a case that has others than floats.
func valuesOf(t *testing.T, path string) (out tensor) {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		require.Positive(t, n)
		b = b[n:]
		n = protowire.ConsumeFieldValue(number, kind, b)
		require.Positive(t, n)
		switch number {
		case 1:
			v, _ := protowire.ConsumeVarint(b)
			out.dims = append(out.dims, int(v))
		case 2:
			if v, _ := protowire.ConsumeVarint(b); v != 1 {
				t.Skipf("%s: values of type %d", path, v)
			}
		case 9:
			data, _ := protowire.ConsumeBytes(b)
			for ; len(data) > 0; data = data[4:] {
				out.values = append(out.values, float64(math.Float32frombits(binary.LittleEndian.Uint32(data))))
			}
		}
		b = b[n:]
	}
	require.Len(t, out.values, count(out.dims))
	return out
}

// Files that an exporter wrote give the outputs that came with them, or are refused for a
// reason that names a node. SACCADE_ONNX is a folder of such cases as the ONNX project's backend
// tests have them, pytorch-converted for one: CASE/model.onnx and CASE/test_data_set_0 with
// input_0.pb and output_0.pb.
func TestExported(t *testing.T) {
	folder := os.Getenv("SACCADE_ONNX")
	if folder == "" {
		t.Skip("SACCADE_ONNX is not set: it is a folder of ONNX backend tests")
	}
	models, err := filepath.Glob(filepath.Join(folder, "*", "model.onnx"))
	require.NoError(t, err)
	require.NotEmpty(t, models)
	ran := 0
	for _, path := range models {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			o := asItIs
			input := valuesOf(t, filepath.Join(dir, "test_data_set_0", "input_0.pb"))
			largest := 0.0
			for _, v := range input.values {
				largest = max(largest, math.Abs(v))
			}
			o.Input = onnx.Input{Min: -32767, Max: 32767, Scale: max(largest, 1e-6) / 32767}
			n, err := onnx.Load(path, o)
			if err != nil {
				t.Logf("refused: %v", err)
				return
			}
			compare(t, n, o.Input.Scale, input, valuesOf(t, filepath.Join(dir, "test_data_set_0", "output_0.pb")))
			ran++
		})
	}
	t.Logf("%d of %d cases ran", ran, len(models))
	require.Positive(t, ran)
}

// compare runs frames through the reference of a network.
func compare(t *testing.T, n *onnx.Network, scale float64, input, output tensor) {
	r, err := quantise.NewReference(n.Topology, n.Params)
	require.NoError(t, err)
	in, out := count(input.dims[1:]), count(output.dims[1:])
	levels := make([]int32, in)
	for frame := range input.dims[0] {
		for i := range levels {
			levels[i] = int32(math.Round(input.values[frame*in+i] / scale))
		}
		got, err := r.Step(levels)
		require.NoError(t, err)
		require.Len(t, got, out)
		for i, v := range got {
			require.InDelta(t, output.values[frame*out+i], v, 5e-4, "frame %d, output %d", frame, i)
		}
	}
}
