package command_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// archived writes a numpy archive in a folder and gives its path.
func archived(t *testing.T, dir, name string, arrays map[string][]byte) string {
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

// A network of two layers, so small that what it gives can be worked out by hand: x enters
// as x<<12, a delta passes what it sends on divided by 64, and a layer is a step behind
// the one before it.
func TestRunLavaByHand(t *testing.T) {
	dir := t.TempDir()
	top := saved(t, dir, "net.yaml", []byte(`
input: {channels: 2, min: -100, max: 100}
layers:
  - {name: in, type: delta}
  - {name: hidden, type: linear, out: 2}
  - {name: relu, type: relu}
  - {name: send, type: threshold, threshold: 2}
  - {name: last, type: linear, out: 2, bias: false}
  - {name: out, type: sigma}
`))
	net := archived(t, dir, "net.npz", map[string][]byte{
		"hidden.weight": npy(t, "|i1", []int8{64, 0, 0, -64}, 2, 2), "hidden.bias": npy(t, "|i1", []int8{0, 1}, 2),
		"last.weight": npy(t, "|i1", []int8{1, 2, -3, 0}, 2, 2),
	})
	// Step 0: hidden's sigma is 0, and the second bias 1<<12, below the threshold of 2<<12.
	// Step 1: sigma is 64*(5<<12>>6) = 5<<12, and -64*(3<<12>>6): a = 5<<12, 0. The first is sent, 320.
	// Step 2: last's sigma is 320, -960. Step 3: the frame of 6, two steps later: a = 6<<12, which
	// is 1<<12 more than was sent, too little. So is nothing else, and all stays.
	frames := saved(t, dir, "frames.npy", npy(t, "|i1", []int8{5, 3, 6, 3}, 2, 2))
	want := saved(t, dir, "want.npy", npy(t, "<i4", []int32{0, 0, 0, 0, 320, -960, 320, -960, 320, -960, 320, -960}, 6, 2))
	text := done(t, "run", "--lava", top, net, frames, "--hold", "3", "--expect", want)
	require.Contains(t, text, "expect  12 of 12 integers as expected (100.00 %)")
	require.Contains(t, text, "delay   2 steps from the input to the output")
	require.Regexp(t, `(?m)^  step +multiply-adds +of dense +output *$`, text)
	require.Regexp(t, `(?m)^  0 +4 +50\.00 % +0 0 *$`, text)
	require.Regexp(t, `(?m)^  1 +2 +25\.00 % +0 0 *$`, text)
	require.Regexp(t, `(?m)^  input +2 +0\.5 +25\.00 % +8 *$`, text, "3 of 12 changes")
	require.Regexp(t, `(?m)^  hidden +2 +0\.2 +8\.33 % +1 +4 +25\.00 % +24 *$`, text)
	require.Regexp(t, `(?m)^  last +2 +0\.3 +4 +8\.33 % +16 *$`, text, "the last one sends no changes")

	// One frame alone, without an axis of steps.
	one := saved(t, dir, "one.npy", npy(t, "|i1", []int8{5, 3}, 2))
	j := object(t, done(t, "run", "--lava", top, net, one, "--hold", "3", "--json"))
	require.Equal(t, []any{[]any{0.0, 0.0}, []any{0.0, 0.0}, []any{320.0, -960.0}}, j["outputs"])
	require.Equal(t, 2.0, j["delay"])
	require.Equal(t, 3.0, j["frames"])
	require.Equal(t, []any{4.0, 2.0, 0.0}, j["step_macs"])
	layers, _ := j["layers"].([]any)
	last, _ := layers[2].(map[string]any)
	require.NotContains(t, last, "sent")

	// The first difference is named.
	wrong := saved(t, dir, "wrong.npy", npy(t, "<i4", []int32{0, 0, 0, 0, 320, -961, 320, 0, 320, -960, 320, -960}, 6, 2))
	code, stdout, stderr := run(t, "run", "--lava", top, net, frames, "--hold", "3", "--expect", wrong)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "10 of 12 integers as expected")
	require.Equal(t, "saccade: "+wrong+": frame 2, output 1: expected -961, found -960 (2 of 12 are other)\n", stderr)

	for says, args := range map[string][]string{
		"outputs, 2 of 2, found an array of sizes [6 2]; --hold gives every frame several times, here 3 times as often": {net, frames, "--lava", top, "--expect", want},
		"layer last: array last.weight: expected it, found hidden.bias, hidden.weight, input":                           {archived(t, dir, "other.npz", map[string][]byte{"input": npy(t, "|i1", []int8{1, 1}, 2), "hidden.weight": npy(t, "|i1", []int8{64, 0, 0, -64}, 2, 2), "hidden.bias": npy(t, "|i1", []int8{0, 1}, 2)}), frames, "--lava", top},
		"npz: expected a ZIP archive":              {frames, frames, "--lava", top},
		"layer last: expected a delta":             {net, frames, "--lava", saved(t, dir, "plain.yaml", []byte("input: {channels: 2, max: 100}\nlayers:\n  - {name: last, type: linear, out: 2}\n"))},
		"value 1: expected -100 to 100, found 101": {net, saved(t, dir, "far.npy", npy(t, "|i1", []int8{1, 101}, 2)), "--lava", top},
	} {
		code, _, stderr := run(t, append([]string{"run"}, args...)...)
		require.Equal(t, 1, code, says)
		require.Contains(t, stderr, says)
	}
	code, _, stderr = run(t, "run", net, frames)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "expected --lava=TOPOLOGY: a numpy archive has weights alone")
}

// PilotNet, a network that others have trained, gives the nine values that came with it, by
// the command that the README has.
func TestRunPilotNet(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("PilotNet: SACCADE_DATA is not set")
	}
	archive := filepath.Join(data, "lava_pilotnet", "pilotnet_sdnn.npz")
	text := done(t, "run", "--lava", "../../features/delta/lava/testdata/pilotnet.yaml", archive, archive, "--hold", "9", "--expect", archive)
	require.Contains(t, text, "expect  9 of 9 integers as expected (100.00 %)")
	require.Regexp(t, `(?m)^  7 +3 +0\.00 % +-315628 *$`, text)
	require.Regexp(t, `(?m)^  layer4 .* 514,581 +1,474,560 +34\.90 % +30,720 *$`, text)
	require.Regexp(t, `(?m)^  all +1,086,972 +5,071,110 +21\.43 % +438,200 *$`, text)
}

// An archive that unpacks to a thousand times its size costs no memory as a network, as frames or as
// what is expected: sizes are looked at first.
func TestRunHostileArchive(t *testing.T) {
	dir := t.TempDir()
	const count = 1 << 23
	zeros := npy(t, "|i1", make([]byte, count), count)
	large := archived(t, dir, "large.npz", map[string][]byte{"last.weight": zeros, "frames": zeros, "output": zeros})
	top := saved(t, dir, "net.yaml", []byte("input: {channels: 2, max: 100}\nlayers:\n  - {name: in, type: delta}\n  - {name: last, type: linear, out: 2, bias: false}\n  - {name: out, type: sigma}\n"))
	frames := saved(t, dir, "frames.npy", npy(t, "|i1", []int8{5, 3}, 2))
	net := archived(t, dir, "net.npz", map[string][]byte{"last.weight": npy(t, "|i1", []int8{1, 2, 3, 4}, 2, 2)})
	asked := func(says string, args ...string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		code, _, stderr := run(t, args...)
		runtime.ReadMemStats(&after)
		require.Contains(t, stderr, says)
		require.Equal(t, says != "", code == 1, strings.Join(args, " "))
		return after.TotalAlloc - before.TotalAlloc
	}
	usual := asked("", "run", "--lava", top, net, frames) // what commands cost in any case
	for says, args := range map[string][]string{
		"layer last: array last.weight: expected shape [2 2], found [8388608]":    {"run", "--lava", top, large, frames},
		"array last.weight: expected shape [2 2], found [8388608]":                {"import", large, "--topology", top},
		"expected frames [step 2 1 1], found an array of sizes [8388608]":         {"run", "--lava", top, net, large},
		"expected [step] labels, or [step] outputs, 1 of 2, found an array of si": {"run", "--lava", top, net, frames, "--expect", large},
	} {
		require.Less(t, asked(says, args...), usual+count/2, says)
	}
}
