package command

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/inspect"
)

type inspectCmd struct {
	Files    []string `arg:"" help:"Recordings." placeholder:"FILE"`
	JSON     bool     `name:"json" help:"Print one JSON object a file."`
	Digest   bool     `help:"Add a SHA3-224 of each field over all events."`
	Format   string   `help:"The files' format, where it cannot be told from their content."`
	Geometry geometry `help:"The sensor's size, where the files do not say: an event beyond it is an error." placeholder:"WxH"`
}

func (c *inspectCmd) Run(e *env) error {
	failed := 0
	for _, path := range c.Files {
		s, err := inspect.File(e.ctx, path, events.OpenOptions{Format: c.Format, Geometry: c.Geometry.Geometry}, c.Digest)
		if e.ctx.Err() != nil {
			return e.ctx.Err()
		}
		// What could be read of a damaged recording is told as well.
		if err == nil || s.Events > 0 {
			if perr := c.print(e.stdout, s); perr != nil {
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

func (c *inspectCmd) print(w io.Writer, s *inspect.Summary) error {
	if c.JSON {
		return printJSON(w, s)
	}
	size := fmt.Sprintf("not in the file; events reach x %d, y %d", s.MaxX, s.MaxY)
	if s.Geometry.Known() {
		size = fmt.Sprintf("%dx%d", s.Geometry.Width, s.Geometry.Height)
	}
	seconds := float64(s.Duration()) / 1e6
	err := printf(w, "%s\n  format    %s\n  geometry  %s\n  events    %d (%d ON, %d OFF)\n  time      %d to %d us: %.6f s, %.0f events/s\n",
		s.File, s.Format, size, s.Events, s.On, s.Events-s.On, s.First.T, s.Last.T, seconds,
		float64(s.Events)/max(seconds, 1e-6))
	if err == nil && s.BackwardSteps > 0 {
		err = printf(w, "  backward  %d events are earlier than the one before them\n", s.BackwardSteps)
	}
	for _, kind := range slices.SortedFunc(maps.Keys(s.Skipped), cmp.Compare[string]) {
		if err == nil {
			err = printf(w, "  skipped   %d %s\n", s.Skipped[kind], kind)
		}
	}
	if err == nil && s.Digest != nil {
		err = printf(w, "  sha3-224  t  %s\n            x  %s\n            y  %s\n            on %s\n",
			s.Digest.T, s.Digest.X, s.Digest.Y, s.Digest.P)
	}
	return err
}
