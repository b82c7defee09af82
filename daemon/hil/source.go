package hil

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/aedat2" // the formats that recordings may have
	_ "github.com/saccade-dev/saccade/events/aedat31"
	_ "github.com/saccade-dev/saccade/events/aedat4"
	_ "github.com/saccade-dev/saccade/events/dat"
	_ "github.com/saccade-dev/saccade/events/db3"
	_ "github.com/saccade-dev/saccade/events/es"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	_ "github.com/saccade-dev/saccade/events/mcap"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	_ "github.com/saccade-dev/saccade/events/npy"
	_ "github.com/saccade-dev/saccade/events/rosbag"
	_ "github.com/saccade-dev/saccade/events/text"
)

// recording is something that events are read from.
type recording struct {
	name string
	open func(ctx context.Context) (events.Reader, error)
}

// recordings are what a stream consists of, in its order.
func (s *Stream) recordings(g events.Geometry) ([]recording, error) {
	var out []recording
	for _, path := range s.Recordings {
		paths, err := found(path)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			out = append(out, recording{name: p, open: func(context.Context) (events.Reader, error) {
				return events.Open(p, events.OpenOptions{})
			}})
		}
	}
	for _, m := range s.Simulated {
		made, err := m.recordings(g)
		if err != nil {
			return nil, err
		}
		out = append(out, made...)
	}
	if len(out) > MaxRecordings {
		return nil, fmt.Errorf("stream: expected at most %d recordings, found %d", MaxRecordings, len(out))
	}
	if s.Shuffle != 0 {
		rng := rand.New(rand.NewPCG(s.Shuffle, 0x0bde))
		rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out, nil
}

// found lists the recordings that a path stands for: a file, what is below a folder, or what a list names.
func found(path string) ([]string, error) {
	if file, ok := strings.CutPrefix(path, "@"); ok {
		return listed(file)
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return []string{path}, nil
	}
	var out []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(d.Name(), ".") && p != path
		switch {
		case err != nil:
			return err
		case d.IsDir() && hidden:
			return filepath.SkipDir
		case d.Type().IsRegular() && !hidden:
			out = append(out, p)
		}
		if len(out) > MaxRecordings {
			return fmt.Errorf("%s: expected at most %d recordings, found more", path, MaxRecordings)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: expected recordings, found none", path)
	}
	return out, err
}

// listed reads a list: a path a line, from the folder of the list; empty lines and those that begin with # say nothing.
func listed(file string) (out []string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		p := strings.TrimSpace(lines.Text())
		switch {
		case p == "" || p[0] == '#':
			continue
		case p[0] == '@':
			return nil, fmt.Errorf("%s:%d: expected a file or a folder, found a list in a list", file, n)
		case !filepath.IsAbs(p):
			p = filepath.Join(filepath.Dir(file), p)
		}
		paths, err := found(p)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		if out = append(out, paths...); len(out) > MaxRecordings {
			return nil, fmt.Errorf("%s:%d: expected at most %d recordings, found more", file, n, MaxRecordings)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return out, nil
}

// packetLen is how many events are read at once.
const packetLen = 4096

// each hands the events of all recordings to take, in their order, until take says that it has enough.
func each(ctx context.Context, in []recording, take func(recording int, e []events.Event) (more bool, err error)) error {
	for i, r := range in {
		more, err := r.each(ctx, func(e []events.Event) (bool, error) { return take(i, e) })
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (r *recording) each(ctx context.Context, take func(e []events.Event) (bool, error)) (more bool, err error) {
	in, err := r.open(ctx)
	if err != nil {
		return false, err
	}
	if c, ok := in.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	p := events.NewPacket(packetLen)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		p.Reset()
		end := in.Read(p)
		if len(p.Events) > 0 {
			if more, err := take(p.Events); err != nil || !more {
				return false, err
			}
		}
		switch {
		case errors.Is(end, io.EOF):
			return true, nil
		case end != nil:
			return false, end
		}
	}
}
