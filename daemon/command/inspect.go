package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/inspect"
)

type inspectCmd struct {
	Files    []string `arg:"" name:"file" help:"Recordings."`
	JSON     bool     `name:"json" help:"Print one JSON object a file, a line each."`
	Digest   bool     `help:"Add a SHA3-224 of each field over all events."`
	Format   string   `help:"The files' format, where it cannot be told from their content." placeholder:"NAME"`
	Geometry geometry `help:"The sensor's size, where the files do not say: an event beyond it is an error." placeholder:"WxH"`
	Lenient  bool     `help:"Read on behind damage where the format allows, and tell of it, instead of ending there."`
	Topic    string   `help:"Of ROS bags, the topic to read; else the first with events." placeholder:"NAME"`
}

func (c *inspectCmd) Run(e *env) error {
	if c.Format != "" {
		if _, err := events.FormatByName(c.Format); err != nil {
			return usageError{err}
		}
	}
	failed := 0
	for _, path := range c.Files {
		s, err := c.inspect(e.ctx, path)
		if e.ctx.Err() != nil {
			return e.ctx.Err()
		}
		// What could be read of a damaged recording is told as well, even if that is nothing.
		if s.Format != "" {
			if perr := c.print(e.stdout, s); perr != nil {
				return perr
			}
		}
		if s.Damage != nil {
			if perr := tellDamage(e.stderr, path, s.Damage); perr != nil {
				return perr
			}
		}
		if err == nil && s.Events == 0 {
			err = fmt.Errorf("%s: the recording has no events", path)
		}
		if err != nil {
			failed++
			if perr := printf(e.stderr, "saccade: %v\n", err); perr != nil {
				return perr
			}
		}
	}
	if failed > 0 {
		return reported{errors.New("not every file could be read whole")}
	}
	return nil
}

func (c *inspectCmd) inspect(ctx context.Context, path string) (*inspect.Summary, error) {
	o := events.OpenOptions{Format: c.Format, Geometry: c.Geometry.Geometry, Topic: c.Topic}
	if c.Lenient {
		return inspect.Lenient(ctx, path, o, c.Digest)
	}
	return inspect.File(ctx, path, o, c.Digest)
}

func (c *inspectCmd) print(w io.Writer, s *inspect.Summary) error {
	if c.JSON {
		return printJSON(w, s)
	}
	size := fmt.Sprintf("not in the file; events reach x %d, y %d", s.MaxX, s.MaxY)
	if s.Events == 0 {
		size = "not in the file"
	}
	if s.Geometry.Known() {
		size = fmt.Sprintf("%dx%d", s.Geometry.Width, s.Geometry.Height)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  format    %s\n  geometry  %s\n", s.File, s.Format, size)
	fmt.Fprintf(&b, "  events    %s (%s ON, %s OFF)\n", grouped(s.Events), grouped(s.On), grouped(s.Events-s.On))
	if s.First != nil {
		fmt.Fprintf(&b, "  time      %s to %s us", grouped(s.First.T), grouped(s.Last.T))
		if seconds := float64(s.Duration()) / 1e6; seconds > 0 {
			fmt.Fprintf(&b, ": %.6f s, %s events/s", seconds, rate(float64(s.Events)/seconds))
		}
		b.WriteByte('\n')
	}
	if s.BackwardSteps > 0 {
		fmt.Fprintf(&b, "  backward  %s earlier than the one before\n", plural(s.BackwardSteps, "event"))
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Skipped)) {
		fmt.Fprintf(&b, "  skipped   %s\n", ofKind(s.Skipped[kind], kind))
	}
	if s.Digest != nil {
		fmt.Fprintf(&b, "  sha3-224  t   %s\n            x   %s\n            y   %s\n            on  %s\n",
			s.Digest.T, s.Digest.X, s.Digest.Y, s.Digest.P)
	}
	return printf(w, "%s", b.String())
}
