package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

func TestArguments(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{"", "--help"},
		{"help", "--help"},
		{"help train feast", "train feast --help"},
		{"inspect help", "inspect help"},
		{"serve --port -1 --freeze", "serve --port=-1 --freeze"},
		{"serve --port=-1", "serve --port=-1"},
		{"train feast d -o m --threshold -.5", "train feast d -o m --threshold=-.5"},
		{"replay f --speed -1 --packet-time -5ms", "replay f --speed=-1 --packet-time=-5ms"},
		{"replay f --speed --loop", "replay f --speed --loop"},
		{"inspect -1", "inspect -1"},
		{"inspect -- --port -1", "inspect -- --port -1"},
		{"inspect - -", "inspect - -"},
	} {
		in := strings.Fields(c.in)
		require.Equal(t, strings.Fields(c.out), arguments(in), "%q", c.in)
		require.Equal(t, c.in, strings.Join(in, " "), "the arguments themselves stay")
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12_345: "12,345", 999_999: "999,999",
		1_000_000: "1,000,000", -1: "-1", -123_456: "-123,456", math.MaxInt64: "9,223,372,036,854,775,807",
	} {
		require.Equal(t, want, grouped(n))
	}
	require.Equal(t, "1 event", plural(1, "event"))
	require.Equal(t, "0 events", plural(0, "event"))
	require.Equal(t, "1,200 events", plural(1200, "event"))
	require.Equal(t, "1,200", rate(1199.5))
	require.Equal(t, "97.12 %", percent(0.97125))
	require.Equal(t, "0.25 ms", milliseconds(250*time.Microsecond))
}

func TestMatrix(t *testing.T) {
	c := readout.NewConfusion([]string{"a", "b", "a long name"})
	for range 12 {
		c.Add(0, 0)
	}
	c.Add(0, 1)
	c.Add(1, 1)
	require.Equal(t, strings.Join([]string{
		"  is ↓ named →         a         b  a long …   recall",
		"             a        12         1         ·   92.3 %",
		"             b         ·         1         ·  100.0 %",
		"      a long …         ·         ·         ·        -",
		"",
	}, "\n"), matrix(c))
}

// Of many classes each is listed with what it was mistaken for, as no terminal is
// wide enough.
func TestMatrixOfManyClasses(t *testing.T) {
	names := make([]string, maxMatrix+1)
	for i := range names {
		names[i] = fmt.Sprintf("class %02d", i)
	}
	c := readout.NewConfusion(names)
	for i := range names {
		c.Add(i, i)
	}
	c.Add(3, 4)
	c.Add(3, 5)
	c.Add(3, 5)
	text := strings.Split(matrix(c), "\n")
	require.Len(t, text, len(names)+1)
	require.Equal(t, "  class 02  recall 100.0 %", text[2])
	require.Equal(t, "  class 03  recall  25.0 %, 2 named class 05", text[3])
}

// What the flags say if nothing is said is what the packages and the daemon's
// configuration say.
func TestDefaultsAgree(t *testing.T) {
	var c cli
	parse(t, &c, "train", "feast", "d", "-o", "m")
	got, err := c.Train.Feast.Feast.config(nil)
	require.NoError(t, err)
	require.Equal(t, feast.Default(), got)

	parse(t, &c, "train", "readout", "m", "d", "-o", "m")
	pooling, err := c.Train.Readout.Pool.config()
	require.NoError(t, err)
	require.Equal(t, readout.DefaultFolds, c.Train.Readout.Folds)
	d := config.Default().Pipeline
	require.Equal(t, pool.Config{
		CellWidth: d.Pool.Cell, CellHeight: d.Pool.Cell, Spread: pool.Spread(d.Pool.Spread),
		Transform: pool.Transform(d.Pool.Transform), Norm: pool.Norm(d.Pool.Norm),
	}, pooling)
	require.Equal(t, feast.Config{
		Width: 34, Height: 34, Mode: feast.Mode(d.FEAST.Mode), Border: feast.Border(d.FEAST.Border),
		Neurons: d.FEAST.Neurons, Radius: d.FEAST.Radius, Tau: d.FEAST.Tau, Eta: d.FEAST.Eta,
		DeltaI: d.FEAST.DeltaI, DeltaE: d.FEAST.DeltaE, InitialThreshold: d.FEAST.InitialThreshold, Seed: d.FEAST.Seed,
	}, got)

	parse(t, &c, "watch", "--kinds", "labels")
	require.Equal(t, config.Default().NATS.Prefix, c.Watch.NATS.Prefix)
}

// parse reads a command line without running it.
func parse(t *testing.T, c *cli, args ...string) {
	t.Helper()
	parser, err := newParser(c, io.Discard, io.Discard)
	require.NoError(t, err)
	_, err = parser.Parse(arguments(args))
	require.NoError(t, err)
}

// A command line that is not understood never ends the process or panics, and
// always says something.
func FuzzCommandLine(f *testing.F) {
	for _, s := range []string{"", "demo", "train feast x -o y", "serve --port -1", "help --", "--version", "inspect -", "watch --kinds labels,,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var c cli
		parser, err := newParser(&c, io.Discard, io.Discard)
		require.NoError(t, err)
		func() {
			defer func() {
				if r := recover(); r != nil {
					require.IsType(t, exited(0), r)
				}
			}()
			_, err = parser.Parse(arguments(strings.Fields(line)))
		}()
		if err != nil {
			require.NotEmpty(t, parseMessage(err))
			require.True(t, strings.HasPrefix(commandOf(err), "saccade"))
		}
	})
}

func TestFail(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, c := range map[string]struct {
		ctx  context.Context //nolint:containedctx // of the case
		err  error
		says string
	}{
		"one":                   {t.Context(), errors.New("a: wrong"), "saccade: a: wrong\n"},
		"two":                   {t.Context(), errors.Join(errors.New("a"), errors.New("b")), "saccade: a\n  b\n"},
		"reported":              {t.Context(), reported{errors.New("a")}, ""},
		"interrupted":           {stopped, fmt.Errorf("learning: %w", context.Canceled), "saccade: interrupted\n"},
		"interrupted, and more": {stopped, errors.Join(context.Canceled, errors.New("b")), "saccade: b\n  interrupted\n"},
		"another interruption":  {t.Context(), fmt.Errorf("learning: %w", context.Canceled), "saccade: learning: context canceled\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			e := &env{ctx: c.ctx, stderr: &out}
			require.Equal(t, exitFailed, e.fail(c.err))
			require.Equal(t, c.says, out.String())
		})
	}
}

func TestIsOnly(t *testing.T) {
	c := context.Canceled
	require.True(t, isOnly(c, c))
	require.True(t, isOnly(fmt.Errorf("so: %w", c), c))
	require.True(t, isOnly(errors.Join(c, errors.Join(c)), c))
	require.False(t, isOnly(errors.Join(c, io.EOF), c))
	require.False(t, isOnly(nil, c))
}

func TestHistogram(t *testing.T) {
	require.Empty(t, blocks.histogram(nil))
	require.Equal(t, "▁ █▄", blocks.histogram(map[int]int{0: 1, 2: 100, 3: 50}), "one that won once is seen")
	wide := blocks.histogram(map[int]int{65_535: 3, 0: 3})
	require.Len(t, []rune(wide), maxHistogram+1, "a message cannot fill the terminal")
}

func TestPrintable(t *testing.T) {
	require.Equal(t, "?[2Jß ▁?", printable("\x1b[2Jß ▁\n"))
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	newLogger(&out, slog.LevelWarn, "json").Warn("careful", "n", 1)
	newLogger(&out, slog.LevelWarn, "json").Info("never mind")
	require.Regexp(t, `^\{"time":"[^"]+","level":"WARN","msg":"careful","n":1\}\n$`, out.String())
}
