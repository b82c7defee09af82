package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	_ "github.com/saccade-dev/saccade/events/mono" // the encodings, formats
	_ "github.com/saccade-dev/saccade/events/nmnist"
	_ "github.com/saccade-dev/saccade/hw/cpu" // and targets that there are
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
	Inspect  inspectCmd  `cmd:"" help:"Tell what a recording holds."`
	Simulate simulateCmd `cmd:"" help:"Write recordings from the sensor simulator."`
	Train    trainCmd    `cmd:"" help:"Train a model on a labelled folder."`
	Eval     evalCmd     `cmd:"" help:"Measure a model on a labelled folder."`
	Devices  devicesCmd  `cmd:"" help:"List what saccade can compute on here."`
	Config   configCmd   `cmd:"" help:"Check or print the daemon's configuration."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// env is what a command has to work with.
type env struct {
	ctx            context.Context //nolint:containedctx // handed through kong to one Run
	stdout, stderr io.Writer
	log            *slog.Logger
}

// exited is how kong's wish to end the process, after --help, reaches Run.
type exited int

// Run runs the command that the arguments name and returns the exit code.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var c cli
	e := &env{ctx: ctx, stdout: stdout, stderr: stderr, log: newLogger(stderr, slog.LevelInfo, "text")}
	parser, err := kong.New(
		&c,
		kong.Name("saccade"),
		kong.Description("Event-camera streams in, features and labels out."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.UsageOnError(),
		kong.Bind(e),
	)
	if err != nil {
		return fail(stderr, err)
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
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "saccade: %v\n", err)
		var pe *kong.ParseError
		if errors.As(err, &pe) && pe.Context != nil && pe.Context.Command() != "" {
			_, _ = fmt.Fprintf(stderr, "Run 'saccade %s --help' for its flags.\n", pe.Context.Command())
		} else {
			_, _ = fmt.Fprintln(stderr, "Run 'saccade --help' for the commands.")
		}
		return exitUsage
	}
	if err := k.Run(e); err != nil {
		return fail(stderr, err)
	}
	return exitDone
}

// usageError is wrong use that only the command itself can see.
type usageError struct{ error }

// reported is an error that the user has been told already.
type reported struct{ error }

func fail(stderr io.Writer, err error) int {
	var r reported
	if !errors.As(err, &r) {
		_, _ = fmt.Fprintf(stderr, "saccade: %v\n", err)
	}
	var u usageError
	if errors.As(err, &u) {
		return exitUsage
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

// levelQuiet is for commands whose daemon is their own business.
const levelQuiet = slog.LevelWarn

func newLogger(w io.Writer, level slog.Level, format string) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
