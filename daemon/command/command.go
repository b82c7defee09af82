package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/saccade-dev/saccade/daemon/progress"
	_ "github.com/saccade-dev/saccade/events/aedat2" // the formats, encodings
	_ "github.com/saccade-dev/saccade/events/aedat31"
	_ "github.com/saccade-dev/saccade/events/aedat4"
	_ "github.com/saccade-dev/saccade/events/dat"
	_ "github.com/saccade-dev/saccade/events/db3"
	_ "github.com/saccade-dev/saccade/events/es"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	_ "github.com/saccade-dev/saccade/events/libcaer"
	_ "github.com/saccade-dev/saccade/events/mcap"
	_ "github.com/saccade-dev/saccade/events/mono"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	_ "github.com/saccade-dev/saccade/events/npy"
	_ "github.com/saccade-dev/saccade/events/rosbag"
	_ "github.com/saccade-dev/saccade/events/text"
	_ "github.com/saccade-dev/saccade/hw/cpu" // and targets that there are
	_ "github.com/saccade-dev/saccade/sim/fpga/target"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// cli is the command line. Kong reads it from the tags.
type cli struct {
	Demo     demoCmd     `cmd:"" help:"The whole story on this machine: recordings through NATS, features learned, digits recognised. Needs no argument, no network, no data."`
	Serve    serveCmd    `cmd:"" help:"Run the daemon."`
	Replay   replayCmd   `cmd:"" help:"Publish recordings as a camera would."`
	Watch    watchCmd    `cmd:"" help:"Print results as they come."`
	Learning learningCmd `cmd:"" help:"Freeze a sensor's learning while its stream runs, or have it go on."`
	Ctl      ctlCmd      `cmd:"" help:"Ask and tell running daemons: sensors, learning, models, pipelines, configuration."`
	History  historyCmd  `cmd:"" help:"Show how a sensor's learning went over its stream."`
	Inspect  inspectCmd  `cmd:"" help:"Tell what a recording holds."`
	Convert  convertCmd  `cmd:"" help:"Write a recording in another format, or a part of it, or several as one."`
	Simulate simulateCmd `cmd:"" help:"Write recordings from the sensor simulator."`
	Train    trainCmd    `cmd:"" help:"Train a model on a labelled folder."`
	Eval     evalCmd     `cmd:"" help:"Measure a model on a labelled folder."`
	Report   reportCmd   `cmd:"" help:"Write a page of what a model's features look like, and of what they do on a labelled folder."`
	Import   importCmd   `cmd:"" help:"Make a delta network of integers from an ONNX file or a numpy archive."`
	Run      deltaRunCmd `cmd:"" help:"Run a delta network over frames from a numpy array, and tell what work that was."`
	Hil      hilCmd      `cmd:"" help:"Run a device against the reference, event by event: hardware in the loop."`
	Devices  devicesCmd  `cmd:"" help:"List what saccade can compute on here."`
	Fpga     fpgaCmd     `cmd:"" help:"The accelerator behind sockets: serve a simulated one, or ask one what it is."`
	Config   configCmd   `cmd:"" help:"Check or print the daemon's configuration."`
	Version  versionCmd  `cmd:"" help:"Print the version."`

	ShowVersion kong.VersionFlag `name:"version" hidden:"" help:"Print the version."`
}

// env is what a command has to work with.
type env struct {
	ctx            context.Context //nolint:containedctx // handed through kong to one Run
	stdout, stderr io.Writer
	log            *slog.Logger
	given          given // flags of the command line
}

// exited is how kong's wish to end the process, after --help, reaches Run.
type exited int

// Run runs the command that the arguments name and returns the exit code. When ctx
// ends, the command comes to its end: that is how one is interrupted.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var c cli
	e := &env{ctx: ctx, stdout: stdout, stderr: stderr, log: newLogger(stderr, slog.LevelInfo, "text")}
	parser, err := newParser(&c, stdout, stderr)
	if err != nil {
		return e.fail(err)
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
		default:
			panic(r)
		}
	}()
	k, err := parser.Parse(ordered(parser, arguments(args)))
	if err != nil {
		return e.usage(parseMessage(err), commandOf(err))
	}
	e.given = givenOf(k)
	var u usageError
	switch err := k.Run(e); {
	case err == nil:
		return exitDone
	case errors.As(err, &u):
		return e.usage(u.Error(), k.Selected().FullPath())
	default:
		return e.fail(err)
	}
}

// newParser makes the reader of command lines. Kong's wish to end the process is a
// panic of type exited.
func newParser(c *cli, stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(
		c,
		kong.Name("saccade"),
		kong.Description("Event-camera streams in, features and labels out."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ValueFormatter(flagHelp),
		kong.Vars{"version": thisBuild().String()},
	)
}

// usageError is wrong use that only the command itself can see.
type usageError struct{ error }

// reported is an error that the user has been told already.
type reported struct{ error }

// maxLines is how much is told of what failed: a folder of damaged recordings can
// fail in as many ways as it has recordings.
const maxLines = 12

// fail tells why a command failed.
func (e *env) fail(err error) int {
	if _, told := errors.AsType[reported](err); told {
		return exitFailed
	}
	lines := strings.Split(err.Error(), "\n")
	if errors.Is(err, context.Canceled) && e.ctx.Err() != nil {
		// What was done when it was interrupted says nothing about why.
		lines = slices.DeleteFunc(lines, func(line string) bool {
			return strings.HasSuffix(line, context.Canceled.Error())
		})
		lines = append(lines, "interrupted")
	}
	if more := len(lines) - maxLines; more > 1 {
		lines = append(lines[:maxLines], fmt.Sprintf("and %d more", more))
	}
	for i, line := range lines {
		if i == 0 {
			line = "saccade: " + line
		} else {
			line = "  " + line
		}
		_, _ = fmt.Fprintln(e.stderr, line)
	}
	return exitFailed
}

// printJSON prints one object on a line.
func printJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// printf prints to a command's output.
func printf(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return err
}

// terminal tells whether a writer is one, where progress may be drawn.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// bars shows progress on a terminal, and nothing elsewhere.
func (e *env) bars() *progress.Display { return e.progress(progress.None) }

// progress shows progress as bars on a terminal, and in another way elsewhere.
func (e *env) progress(elsewhere progress.Kind) *progress.Display {
	if terminal(e.stderr) {
		return progress.New(e.stderr, progress.Bars)
	}
	return progress.New(e.stderr, elsewhere)
}

// levelQuiet is for commands whose daemon is their own business.
const levelQuiet = slog.LevelWarn

func newLogger(w io.Writer, level slog.Level, format string) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
