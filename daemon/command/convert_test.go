package command_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/inspect"
)

// convert runs the command within this process.
func convert(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	var stdout, told bytes.Buffer
	code = command.Run(t.Context(), append([]string{"convert"}, args...), &stdout, &told)
	require.Empty(t, stdout.String())
	return code, told.String()
}

// writable are the formats that are written.
func writable() (out []*events.Format) {
	for _, f := range events.Formats() {
		if f.NewWriter != nil {
			out = append(out, f)
		}
	}
	return out
}

// digest reads a recording.
func digest(t *testing.T, path, format string, g events.Geometry) *inspect.Summary {
	t.Helper()
	s, err := inspect.File(t.Context(), path, events.OpenOptions{Format: format, Geometry: g}, true)
	require.NoError(t, err)
	return s
}

// Between all formats that are written, by way of every one of them, a recording stays what it is.
func TestConvertPairs(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("the readers and writers beneath have tests of their own")
	}
	dir, _ := formattest.Table(t)
	recording := filepath.Join(dir, "recordings", "nmnist40", "nmnist_unlabelled.bin")
	want := digest(t, recording, "", events.Geometry{})
	tmp := t.TempDir()
	n := 0
	for _, a := range writable() {
		first := filepath.Join(tmp, "first"+a.Extension)
		code, told := convert(t, recording, first, "--format", a.Name)
		require.Zero(t, code, told)
		for _, b := range writable() {
			second := filepath.Join(tmp, "second"+b.Extension)
			code, told := convert(t, first, second, "--format", b.Name, "--geometry", "34x34")
			require.Zero(t, code, "%s to %s: %s", a.Name, b.Name, told)
			// The content tells, but for text without a unit.
			require.Equal(t, want.Digest, digest(t, second, "", events.Geometry{}).Digest, "%s to %s", a.Name, b.Name)
			n++
		}
	}
	t.Logf("%d pairs", n)
}

// Every real recording is the same in every format that can hold it, and what cannot be is said
// to be so: the large ones with SACCADE_SLOW_CONVERT=1 alone.
func TestConvertRecordings(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("the readers and writers beneath have tests of their own")
	}
	dir, rows := formattest.Table(t)
	tmp := t.TempDir()
	held := map[string]int{}
	for _, row := range rows {
		recording := filepath.Join(dir, filepath.FromSlash(row.Path()))
		s, err := inspect.File(t.Context(), recording, events.OpenOptions{Geometry: row.Geometry(t)}, true)
		switch {
		case err != nil, s.Events == 0, !row.Listed():
			continue // refused, or damaged: other tests have these
		case s.Events > 100_000 && os.Getenv("SACCADE_SLOW_CONVERT") == "":
			continue
		}
		for _, f := range writable() {
			out := filepath.Join(tmp, "out"+f.Extension)
			args := []string{recording, out, "--format", f.Name}
			if s.Geometry.Known() {
				args = append(args, "--geometry", fmt.Sprintf("%dx%d", s.Geometry.Width, s.Geometry.Height))
			}
			code, told := convert(t, args...)
			if code != 0 {
				require.Regexp(t, `holds|hold |writes no gap|cannot go back|expected a geometry`, told, "%s to %s", row.Path(), f.Name)
				require.NoFileExists(t, out)
				continue
			}
			require.Equal(t, s.Digest, digest(t, out, "", events.Geometry{}).Digest, "%s to %s", row.Path(), f.Name)
			require.NoError(t, os.Remove(out))
			held[f.Name]++
		}
	}
	t.Logf("recordings held: %v", held)
	for _, f := range writable() {
		require.Positive(t, held[f.Name], f.Name)
	}
}

// Triggers of a real camera go through every format that has a place for them.
func TestConvertTriggers(t *testing.T) {
	dir, _ := formattest.Table(t)
	recording := filepath.Join(dir, "recordings", "evt3", "hd_triggers.raw")
	tmp := t.TempDir()
	triggers := func(path string) (out []events.Trigger) {
		f, err := events.Open(path, events.OpenOptions{})
		require.NoError(t, err)
		defer func() { require.NoError(t, f.Close()) }()
		f.OnTrigger(func(g events.Trigger) { out = append(out, g) })
		_, err = events.ReadAll(f)
		require.NoError(t, err)
		return out
	}
	want := triggers(recording)
	require.Len(t, want, 2)
	from := recording
	for _, name := range []string{"aedat4", "evt2", "aedat31", "evt3"} {
		to := filepath.Join(tmp, name)
		code, told := convert(t, from, to, "--format", name)
		require.Zero(t, code, told)
		require.Contains(t, told, "82,469 events, 2 triggers")
		require.Equal(t, want, triggers(to), name)
		from = to
	}
	code, told := convert(t, from, filepath.Join(tmp, "out.dat"))
	require.Zero(t, code)
	require.Contains(t, told, "dropped: 2 triggers: dat has no place for them\n")
}

// Where a recording comes from goes along as far as there is a place for it.
func TestConvertSource(t *testing.T) {
	dir, _ := formattest.Table(t)
	tmp := t.TempDir()
	source := func(path string) events.Source {
		f, err := events.Open(path, events.OpenOptions{})
		require.NoError(t, err)
		defer func() { require.NoError(t, f.Close()) }()
		return f.Source()
	}
	start := time.Date(2020, 9, 25, 7, 48, 29, 0, time.UTC)
	raw := filepath.Join(dir, "recordings", "evt3", "hd.raw")
	require.Equal(t, events.Source{Camera: "gen41_evk3", Serial: "00000307", Start: start}, source(raw))
	davis := filepath.Join(dir, "recordings", "aedat4", "davis346_lz4.aedat4")
	require.Equal(t, events.Source{Camera: "DAVIS346", Serial: "00000104"}, source(davis))
	for _, c := range []struct {
		in, format string
		want       events.Source
		drops      string
	}{
		{raw, "evt2", events.Source{Serial: "00000307", Start: start}, "camera gen41_evk3"},
		{raw, "aedat4", events.Source{Camera: "gen41_evk3", Serial: "00000307"}, "start 2020-09-25T07:48:29Z"},
		{raw, "aedat31", events.Source{Start: start}, "camera gen41_evk3, serial number 00000307"},
		{raw, "dat", events.Source{}, "camera gen41_evk3, serial number 00000307, start 2020-09-25T07:48:29Z"},
		{davis, "aedat4", events.Source{Camera: "DAVIS346", Serial: "00000104"}, ""},
		{davis, "evt2", events.Source{Serial: "00000104"}, "camera DAVIS346"},
	} {
		out := filepath.Join(tmp, c.format)
		code, told := convert(t, c.in, out, "--format", c.format)
		require.Zero(t, code, told)
		got := source(out)
		got.Start = got.Start.UTC()
		require.Equal(t, c.want, got, c.format)
		if c.drops == "" {
			require.NotContains(t, told, "has no place for it")
			continue
		}
		require.Contains(t, told, "dropped: "+c.drops+": "+c.format+" has no place for it\n")
	}
}

// Of several recordings, what all say alike is kept, and what one of them says by itself is told.
func TestConvertMergedSource(t *testing.T) {
	dir, _ := formattest.Table(t)
	of := func(names ...string) string { return filepath.Join(append([]string{dir, "recordings"}, names...)...) }
	source := func(path string) events.Source {
		f, err := events.Open(path, events.OpenOptions{})
		require.NoError(t, err)
		defer func() { require.NoError(t, f.Close()) }()
		return f.Source()
	}
	hd, davis := of("evt3", "hd.raw"), of("aedat4", "davis346_lz4.aedat4")
	out := filepath.Join(t.TempDir(), "out.raw")
	code, told := convert(t, hd, hd, "--merge", "--format", "evt3", out, "--to", "1ms")
	require.Zero(t, code, told)
	require.Equal(t, events.Source{Serial: source(hd).Serial, Start: source(hd).Start}, source(out))
	require.NotContains(t, told, "not that of all")

	code, told = convert(t, hd, davis, "--merge", "--format", "evt3", out, "--to", "@1ms")
	require.Zero(t, code, told)
	require.Equal(t, events.Source{}, source(out))
	require.Contains(t, told, "dropped: camera gen41_evk3, serial number 00000307, start 2020-09-25T07:48:29Z of "+hd+": it is not that of all recordings\n")
	require.Contains(t, told, "dropped: camera DAVIS346, serial number 00000104 of "+davis+": it is not that of all recordings\n")

	code, told = convert(t, hd, of("dat", "ncars.dat"), "--merge", "--format", "npy", out, "--to", "@1ms")
	require.Zero(t, code, told)
	require.Contains(t, told, "dropped: geometry 1280x720 of "+hd+": not every recording says its own\n")
}

// fading is a context that ends once it has been asked some times whether it has.
type fading struct {
	context.Context //nolint:containedctx // it is one
	left            *int
}

func (f fading) Err() error {
	if *f.left--; *f.left < 0 {
		return context.Canceled
	}
	return nil
}

// An interrupted convert leaves nothing behind, whenever that is.
func TestConvertInterrupted(t *testing.T) {
	tmp := t.TempDir()
	in := filepath.Join(tmp, "in.bin")
	require.NoError(t, os.WriteFile(in, formattest.Write(t, "nmnist", events.Geometry{}, formattest.Scene(1, 30_000, 0, events.Geometry{Width: 34, Height: 34})), 0o600))
	for asked := range 12 {
		var told bytes.Buffer
		require.Equal(t, 1, command.Run(fading{t.Context(), &asked}, []string{"convert", in, filepath.Join(tmp, "out.es")}, &told, &told))
		require.Contains(t, told.String(), "interrupted")
		left, err := os.ReadDir(tmp)
		require.NoError(t, err)
		require.Len(t, left, 1, "nothing but the recording")
	}
}
