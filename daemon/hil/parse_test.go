package hil_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/hil"
)

// The example has every field, with its default, and a comment ahead of each; and it is a run that passes.
func TestExample(t *testing.T) {
	slowWithRace(t)
	c, err := hil.Parse([]byte(hil.Example), "example.yaml")
	require.NoError(t, err)
	want := hil.Default()
	want.Stream.Simulated = []hil.Simulator{{Kind: hil.Random, Seed: 1, Recordings: 2, Events: 20000}}
	want.Stream.Recordings, want.Faults = []string{}, []hil.FaultConfig{}
	require.Equal(t, want, c)

	skipped := map[string]bool{ // told of in the comment of the layer, or are no part of a run
		"planes": true, "decay": true, "last_events": true, "min_recent": true, "recent": true, "inference": true, "anneal": true,
		"every_events": true, "factor": true, "floor": true,
	}
	var walk func(v reflect.Type)
	walk = func(v reflect.Type) {
		for i := range v.NumField() {
			f := v.Field(i)
			name := f.Tag.Get("yaml")
			name, _, _ = strings.Cut(name, ",")
			found := regexp.MustCompile(`(?m)^[ #-]*` + regexp.QuoteMeta(name) + `:`).MatchString(hil.Example)
			require.True(t, found || skipped[name], "the example lacks %s", name)
			switch {
			case f.Type.Kind() == reflect.Struct:
				walk(f.Type)
			case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
				walk(f.Type.Elem())
			}
		}
	}
	walk(reflect.TypeFor[hil.Config]())
	for _, k := range hil.FaultKinds() {
		require.True(t, strings.HasPrefix(k.Name, "test ") || strings.Contains(hil.Example, k.Name), k.Name)
	}
	require.Empty(t, failed(run(t, c)))
}

func TestParse(t *testing.T) {
	t.Setenv("HIL_FOLDER", "/somewhere")
	c, err := hil.Parse([]byte(`
model: {learning: false, layer: {neurons: 8, decay: linear, anneal: {every_events: 10, factor: 0.5}}}
stream: {recordings: ["$HIL_FOLDER/a", "@${HIL_FOLDER}/list"], events: 5}
device: {timeout: 10ms}
faults:
  - {kind: corrupt, direction: out, rate: 0.5, parameters: {bit: 0x1f}}
`), "run.yaml")
	require.NoError(t, err)
	require.Equal(t, []string{"/somewhere/a", "@/somewhere/list"}, c.Stream.Recordings)
	require.Equal(t, 8, c.Model.Layer.Neurons)
	require.Equal(t, 5, c.Model.Layer.Radius, "what is not said is as in the defaults")
	require.Equal(t, uint64(10), c.Model.Layer.Anneal.Every)
	require.Equal(t, 10*time.Millisecond, c.Device.Timeout)
	require.Equal(t, int64(31), c.Faults[0].Parameters["bit"])
	require.False(t, c.Model.Learning)
}

// What is wrong with a file is told with its place.
func TestParseRefuses(t *testing.T) {
	const stream = "stream: {recordings: [x]}\n"
	for text, says := range map[string]string{
		"":                                     "run.yaml: stream: expected recordings, simulated, or both, found neither",
		"stream: [":                            "run.yaml:1:",
		"strean: {}":                           `run.yaml:1:1: unknown field "strean"`,
		stream + "pacing: {kind: slow}":        `run.yaml:2:10: pacing.kind: expected fast, real time, bursts, found "slow"`,
		stream + "pass:\n  mismatches: -2":     "run.yaml:3:3: pass.mismatches: expected -1 to",
		stream + "pass:\n  mismatches: many":   `run.yaml:3:15: expected a whole number, found "many"`,
		stream + "compare: {winners: 0.1}":     "run.yaml:2:1: compare.arithmetic: expected tolerance where something may be off",
		stream + "compare: {batch: 100000}":    "run.yaml:2:11: compare.batch: expected 1 to 32768, found 100000",
		stream + "device: {address: here}":     `run.yaml:2:10: device.address: expected fpga-sim, or fpga@HOST:PORT, found "here"`,
		stream + "device: {clock_mhz: .nan}":   "run.yaml:2:10: device.clock_mhz: expected",
		stream + "device: {timeout: 5}":        `run.yaml:2:19: expected a duration such as 20ms, found "5"`,
		stream + "model: {layer: {mode: off}}": "run.yaml:2:1: model: layer: mode",
		stream + "faults:\n  - kind: drop":     "run.yaml:3:",
		"stream:\n  simulated:\n    - {kind: moving, recordings: 1, events: 3}": "run.yaml:3:37: stream.simulated[0].events: expected a number for kind random",
		"stream:\n  simulated:\n    - {kind: maze, recordings: 1}":              "run.yaml:3:8: stream.simulated[0].kind: expected moving, saccades, random",
		"stream: {recordings: [$HIL_NOT_SET/x]}":                                "run.yaml:1:23: stream.recordings[0]: expected variables of the environment, found $HIL_NOT_SET, which is not set",
		"stream: &a {recordings: [x]}":                                          "run.yaml:1:9: expected",
		stream + "stream: {}":                                                   "run.yaml:2:1",
	} {
		_, err := hil.Parse([]byte(text), "run.yaml")
		require.ErrorContains(t, err, says, "%s", text)
	}
}

// Paths are those from the folder of the file; folders and lists are gone through in their order.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, text, 0o600))
		return path
	}
	events := []byte{20, 20, 0x80, 0, 10, 21, 20, 0x80, 0, 30, 22, 20, 0, 0, 60}
	write("set/b/2.bin", events[:10])
	write("set/a/1.bin", events[:5])
	write("set/.hidden/3.bin", events[:5])
	write("one.bin", events)
	write("lists/some", []byte("# a comment\n\n../set/b\n ../one.bin\n"))
	path := write("run.yaml", []byte("stream: {recordings: [set, '@lists/some', one.bin], reset: false}"))
	c, err := hil.Load(path)
	require.NoError(t, err)
	v, err := hil.Record(t.Context(), c)
	require.NoError(t, err)
	at := func(name string) string { return filepath.Join(dir, name) }
	require.Equal(t, []string{at("set/a/1.bin"), at("set/b/2.bin"), at("set/b/2.bin"), at("one.bin"), at("one.bin")}, v.Manifest.Recordings)
	require.Equal(t, int64(11), v.Manifest.Events)

	for says, list := range map[string]string{
		"bad:1: expected a file or a folder, found a list in a list": "@some",
		"bad:2: ": "\nnothing.bin",
	} {
		write("lists/bad", []byte(list))
		c.Stream.Recordings = []string{"@" + at("lists/bad")}
		_, err = hil.Record(t.Context(), c)
		require.ErrorContains(t, err, says)
	}
	require.NoError(t, os.MkdirAll(at("empty"), 0o777))
	c.Stream.Recordings = []string{at("empty")}
	_, err = hil.Record(t.Context(), c)
	require.ErrorContains(t, err, "expected recordings, found none")
	_, err = hil.Load(at("no.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(hil.Example))
	f.Add([]byte("stream: {recordings: [x]}\nfaults: [{kind: drop, direction: in, at: 3}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := hil.Parse(text, "f")
		if err == nil {
			require.NoError(t, c.Validate())
		}
	})
}
