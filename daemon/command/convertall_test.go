package command_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
	"github.com/saccade-dev/saccade/events"
)

// told is what convert --json prints, as far as it is compared.
type told struct {
	In []struct {
		Events  int64
		Damages int64
	}
	Events, Triggers int64
	Dropped          []struct {
		Kind  string
		Count int64
		Why   string
	}
}

func (d *told) dropped(kind string) (n int64) {
	for _, one := range d.Dropped {
		if one.Kind == kind {
			n += one.Count
		}
	}
	return n
}

// held is what a recording has, read on behind damage.
type held struct {
	events, triggers int64
	geometry         events.Geometry
	source           events.Source
	fatal            bool // it could not be read to its end
}

func holds(t *testing.T, path string, o events.OpenOptions) (h held) {
	t.Helper()
	f, err := events.Open(path, o)
	require.NoError(t, err, path)
	defer func() { require.NoError(t, f.Close()) }()
	f.OnTrigger(func(events.Trigger) { h.triggers++ })
	p := events.NewPacket(events.DefaultPacketEvents)
	for {
		err := f.Read(p)
		h.events += int64(len(p.Events))
		if err == nil {
			continue
		}
		damage, ok := errors.AsType[*events.FormatError](err)
		if h.fatal = ok && damage.Fatal; h.fatal || errors.Is(err, io.EOF) {
			h.geometry, h.source = f.Header().Geometry, f.Source()
			return h
		}
		require.True(t, ok, "%v", err)
	}
}

// corpora are all files of the conformance corpora.
func corpora(t *testing.T) (files []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(filepath.Join("..", "..", "events"), func(path string, d fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case d.IsDir() && name == "fuzz":
			return fs.SkipDir
		case !d.IsDir() && strings.Contains(path, "testdata") && name != "corpus.json" && !strings.HasSuffix(name, ".libcaer") && !strings.HasSuffix(name, ".mono"):
			files = append(files, path)
		}
		return nil
	}))
	require.Greater(t, len(files), 100)
	return files
}

// Of every file of the corpora, in every format that is written: what is not there behind is what convert said to have
// dropped, event by event, trigger by trigger, and of where it comes from.
func TestConvertTellsWhatIsDropped(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("the readers and writers beneath have tests of their own")
	}
	tmp := t.TempDir()
	written := 0
	for _, in := range corpora(t) {
		was := holds(t, in, events.OpenOptions{})
		for _, f := range writable() {
			out := filepath.Join(tmp, "out"+f.Extension)
			var stdout, stderr bytes.Buffer
			code := command.Run(t.Context(), []string{"convert", "--json", "--lenient", "--rebase", in, out, "--format", f.Name}, &stdout, &stderr)
			what := in + " to " + f.Name + ": " + stderr.String()
			if code != 0 {
				require.Regexp(t, `expected a geometry|holds|damaged|expected`, stderr.String(), what)
				continue
			}
			var said told
			require.NoError(t, json.Unmarshal(stdout.Bytes(), &said), what)
			require.Equal(t, was.events, said.In[0].Events, what)
			require.Equal(t, was.events, said.Events+said.dropped("event"), what)
			require.Equal(t, was.triggers, said.Triggers+said.dropped("trigger"), what)
			if said.Events == 0 {
				continue // there may be nothing that tells a format
			}
			is := holds(t, out, events.OpenOptions{Format: f.Name})
			require.False(t, is.fatal, what)
			require.Equal(t, said.Events, is.events, what)
			require.Equal(t, said.Triggers, is.triggers, what)
			if is.geometry != was.geometry && was.geometry.Known() && said.dropped("geometry") == 0 {
				require.Fail(t, "the geometry is another one", "%v, then %v: %s", was.geometry, is.geometry, what)
			}
			lost := int64(0)
			for _, gone := range []bool{ // some formats name a camera of the sensor's size where none is known
				was.source.Camera != "" && is.source.Camera != was.source.Camera,
				was.source.Serial != "" && is.source.Serial != was.source.Serial,
				!was.source.Start.IsZero() && !is.source.Start.Equal(was.source.Start),
			} {
				if gone {
					lost++
				}
			}
			require.Equal(t, lost, said.dropped("source"), "%+v, then %+v: %s", was.source, is.source, what)
			written++
		}
	}
	t.Logf("%d files written", written)
}
