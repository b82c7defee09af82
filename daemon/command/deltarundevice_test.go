package command_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// imported is the network of pictures as integers, with frames for it.
func imported(t *testing.T, dir string) (net, frames string) {
	frames = saved(t, dir, "frames.npy", npy(t, "|i1", drift(20, 128), 20, 2, 8, 8))
	net = filepath.Join(dir, "net.delta")
	done(t, "import", pictures, "--logits", "--input", "-16:16:1/8", "--calibrate", frames, "-o", net, "--step", "channel", "--levels", "31")
	return net, frames
}

// A network gives the same outputs wherever its layers are, and a device tells what it did: in this process, and behind
// sockets, where the same cycles are counted.
func TestRunOnDevice(t *testing.T) {
	net, frames := imported(t, t.TempDir())
	served := start(t, "fpga", "serve", "--registers", "127.0.0.1:0", "--json")
	var listening struct{ Listening struct{ Device string } }
	require.NoError(t, json.Unmarshal([]byte(served.out.await(t, 1, `^\{"listening":.*\}$`)[0][0]), &listening))
	there := listening.Listening.Device

	want := object(t, done(t, "run", net, frames, "--json", "--mode", "delta"))
	require.NotContains(t, want, "delta_engine")
	for _, device := range []string{"fpga-sim", there} {
		code, stdout, stderr := run(t, "run", net, frames, "--json", "--device", device)
		require.Zero(t, code, stderr)
		require.Empty(t, stderr)
		got := object(t, stdout)
		for _, key := range []string{"outputs", "labels", "step_macs", "macs"} {
			require.Equal(t, want[key], got[key], "%s on %s", key, device)
		}
		require.Equal(t, device, got["device"])
		require.Equal(t, 2.0, at(t, got, "delta_engine", "layers"))
		require.Equal(t, 176.0, at(t, got, "delta_engine", "lanes"))
		macs, _ := want["macs"].(float64)
		require.InDelta(t, 20*macs, at(t, got, "delta_engine", "macs"), 0.5, "the device counts what the engine counts")
		occupancy, _ := at(t, got, "delta_engine", "occupancy").(float64)
		require.Greater(t, occupancy, 0.0)
		require.LessOrEqual(t, occupancy, 1.0)
		busy, _ := at(t, got, "delta_engine", "busy_cycles").(float64)
		require.Greater(t, at(t, got, "delta_engine", "cycles"), busy)
		require.InDelta(t, 20*macs/busy/176, occupancy, 1e-9)
	}
	text := done(t, "run", net, frames, "--device", there, "--show", "0")
	require.Regexp(t, `(?m)^  device  2 layers on it: [\d,]+ changes in, [\d,]+ sums out, [\d,]+ multiply-adds$`, text)
	require.Regexp(t, `(?m)^          [\d,]+ cycles, [\d,.]+ a step; [\d.]+ multiply-adds a cycle; [\d.]+ % of 176 lanes occupied in [\d,]+ cycles of adding$`, text)

	// It is asked what it is while nobody uses it, and tells at its end what it did.
	var info struct {
		Version  string
		Build    map[string]int
		Counters []struct{ Name string } `json:"counters"`
		Delta    []struct {
			Name  string
			Value uint64
		} `json:"delta_counters"`
	}
	require.NoError(t, json.Unmarshal([]byte(done(t, "fpga", "info", "--json", there)), &info))
	require.Equal(t, "1.1", info.Version)
	require.Equal(t, 4096, info.Build["delta_weights"])
	require.Len(t, info.Counters, 13)
	require.Len(t, info.Delta, 6)
	require.Equal(t, "multiply-adds", info.Delta[4].Name)
	text = done(t, "fpga", "info", there)
	require.Contains(t, text, "  delta engine    176 lanes, 4,096 words of weights, 256 of sums, 32 layers\n")
	require.Regexp(t, `(?m)^  delta counters  cycles +[\d,]+\n                  adding +[\d,]+\n                  changes`, text)
	served.stop()
	require.Zero(t, served.wait(t))
	var report struct {
		Report struct {
			Delta struct {
				MACs      uint64
				Occupancy float64
			} `json:"delta_engine"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(served.out.await(t, 1, `^\{"report":.*\}$`)[0][0]), &report))
	require.Equal(t, info.Delta[4].Value, report.Report.Delta.MACs)
	require.Positive(t, report.Report.Delta.Occupancy)
}

// What a device does not do is said.
func TestRunNotOnDevice(t *testing.T) {
	dir := t.TempDir()
	net, frames := imported(t, dir)
	code, _, stderr := run(t, "run", net, frames, "--device", "fpga-sim", "--mode", "dense")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "saccade: --mode dense: expected a processor with it: --device fpga-sim adds what changed, and never multiplies everything\n")

	served := start(t, "fpga", "serve", "--registers", "127.0.0.1:0", "--json", "--delta-weights", "0")
	var listening struct {
		Listening struct {
			Device string
			Build  map[string]int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(served.out.await(t, 1, `^\{"listening":.*\}$`)[0][0]), &listening))
	require.Zero(t, listening.Listening.Build["delta_weights"]+listening.Listening.Build["delta_sums"]+listening.Listening.Build["delta_layers"])
	code, stdout, stderr := run(t, "run", net, frames, "--device", listening.Listening.Device)
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "of a device with a delta engine")
	text := done(t, "fpga", "info", listening.Listening.Device)
	require.Contains(t, text, "version 1.0\n")
	require.Contains(t, text, "  delta engine    none\n")
	require.NotContains(t, text, "delta counters")
	served.stop()
	require.Zero(t, served.wait(t))

	// Networks that have nothing for a device run beside it, and the user is told.
	top := saved(t, dir, "plain.yaml", []byte("input: {channels: 2, height: 4, width: 4, min: -16, max: 16}\nlayers:\n  - {name: pool, type: avgpool, kernel: [2, 2], stride: [2, 2]}\n"))
	pool := filepath.Join(dir, "pool.delta")
	done(t, "import", archived(t, dir, "none.npz", nil), "--topology", top, "-o", pool)
	few := saved(t, dir, "few.npy", npy(t, "|i1", drift(3, 32), 3, 2, 4, 4))
	want := object(t, done(t, "run", pool, few, "--json"))
	code, stdout, stderr = run(t, "run", pool, few, "--json", "--device", "fpga-sim")
	require.Zero(t, code, stderr)
	got := object(t, stdout)
	require.Equal(t, want["outputs"], got["outputs"])
	require.Equal(t, want["device"], got["device"])
	require.NotContains(t, got, "delta_engine")
	require.Regexp(t, `^saccade: device fpga-sim: none of the network's layers can run on a device; it runs on \S+\n$`, stderr)
}
