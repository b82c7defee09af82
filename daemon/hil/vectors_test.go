package hil_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/hil"
	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

func recorded(t *testing.T, c hil.Config) (*hil.Vectors, string) {
	t.Helper()
	v, err := hil.Record(t.Context(), c)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "vectors")
	require.NoError(t, v.Write(dir))
	return v, dir
}

// What was recorded is read back as it was, and a device does what it says; on both of this process's links.
func TestVectors(t *testing.T) {
	for _, learning := range []bool{true, false} {
		c := stress(1500)
		c.Model.Learning, c.Compare.Details = learning, learning
		written, dir := recorded(t, c)
		v, err := hil.ReadVectors(dir)
		require.NoError(t, err)
		require.Equal(t, written, v)
		require.Equal(t, int64(3000), v.Manifest.Events)
		require.Len(t, v.Expected, map[bool]int{true: 3, false: 1}[learning]*3000+1)
		require.NoError(t, v.Play(t.Context(), device(t)))
		d, err := simfpga.NewDevice(simfpga.DefaultBuild())
		require.NoError(t, err)
		require.NoError(t, v.Play(t.Context(), target.NewLink(d)))
		require.Equal(t, !learning, equal(v.WeightsIn, v.WeightsOut))

		text, err := os.ReadFile(filepath.Join(dir, "config.hex"))
		require.NoError(t, err)
		require.Contains(t, string(text), "00000028 // address\n00000000 // value\n00000040 // address\n00000022 // value\n")
	}
}

func equal(a, b []uint32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// A device that says another word, or holds one in the end, is told which.
func TestPlayFinds(t *testing.T) {
	v, _ := recorded(t, stress(300))
	for _, of := range []struct {
		where string
		words []uint32
		at    int
	}{
		{"expected.hex", v.Expected, 700},
		{"weights_out.hex", v.WeightsOut, 3000},
		{"thresholds_out.hex", v.ThresholdsOut, 31},
		{"surface_out.hex", v.SurfaceOut, 0},
	} {
		of.words[of.at] ^= 4
		err := v.Play(t.Context(), device(t))
		var p *hil.PlayError
		require.ErrorAs(t, err, &p)
		require.Equal(t, hil.PlayError{Where: of.where, Word: of.at, Want: of.words[of.at], Got: of.words[of.at] ^ 4}, *p)
		of.words[of.at] ^= 4
	}
	require.NoError(t, v.Play(t.Context(), device(t)))
	v.Stimulus = v.Stimulus[:len(v.Stimulus)-2]
	require.ErrorIs(t, v.Play(t.Context(), device(t)), hwfpga.ErrTimeout)
}

func TestReadVectorsRefuses(t *testing.T) {
	v, dir := recorded(t, stress(10))
	at := func(name string) string { return filepath.Join(dir, name) }
	refuses := func(says string) {
		t.Helper()
		_, err := hil.ReadVectors(dir)
		require.ErrorContains(t, err, says)
		require.NoError(t, v.Write(dir))
	}
	require.NoError(t, os.WriteFile(at("stimulus.hex"), []byte("00000000\n"), 0o600))
	refuses("stimulus.hex: expected the file with SHA-256")
	require.NoError(t, os.Remove(at("expected.hex")))
	refuses("expected.hex: no such file")
	change := func(f func(m *hil.Manifest)) {
		m := v.Manifest
		m.Files = append([]hil.File(nil), m.Files...)
		f(&m)
		b, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(at(hil.ManifestName), b, 0o600))
	}
	change(func(m *hil.Manifest) { m.Version = 9 })
	refuses("of version 9")
	change(func(m *hil.Manifest) { m.Neurons = 15 })
	refuses("weights_in.hex: expected 3630 words for the layer in manifest.json, found 3872")
	change(func(m *hil.Manifest) { m.Side = 0 })
	refuses("side: expected 1 to 255, found 0")
	change(func(m *hil.Manifest) { m.Files[2].Words = 7 })
	refuses("thresholds_in.hex: expected 7 words, found 32")
	change(func(m *hil.Manifest) { m.Files = m.Files[1:] })
	refuses("files: expected 8, found 7")
	change(func(m *hil.Manifest) { m.Files[0].Name = "../config.hex" })
	refuses("files[0]: expected config.hex")
	require.NoError(t, os.WriteFile(at(hil.ManifestName), []byte("{"), 0o600))
	refuses("manifest.json: unexpected end")

	c := stress(10)
	c.Model.Layer.Anneal = feast.Anneal{Every: 5, Factor: 0.5}
	_, err := hil.Record(t.Context(), c)
	require.ErrorContains(t, err, "anneal: expected a layer whose rates stay what they are")
}
