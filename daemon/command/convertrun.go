package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
	"github.com/saccade-dev/saccade/events/inspect"
)

// conversion is a convert under way.
type conversion struct {
	cmd    *convertCmd
	env    *env
	target *events.Format
	out    string

	inputs   []*convertInput
	geometry events.Geometry // of what is written
	copied   edit.Copied
}

// convertInput is a recording that is read.
type convertInput struct {
	path     string
	file     *events.File
	read     int64 // events
	triggers int64 // that it gave
	damage   inspect.Damage
}

func (r *conversion) open(paths []string) error {
	o := events.OpenOptions{Format: r.cmd.InputFormat, Geometry: r.cmd.Geometry.Geometry, Topic: r.cmd.Topic}
	for _, path := range paths {
		if err := overwrites(path, r.out); err != nil {
			return err
		}
		var f *events.File
		var err error
		if path == dash {
			f, err = events.OpenFile(os.Stdin, "standard input", o)
		} else {
			f, err = events.Open(path, o)
		}
		if err != nil {
			return err
		}
		r.inputs = append(r.inputs, &convertInput{path: path, file: f})
	}
	return nil
}

func (r *conversion) close() error {
	var err error
	for _, in := range r.inputs {
		err = errors.Join(err, in.file.Close())
	}
	return err
}

// edited puts what is asked for between the recordings and the writer.
func (r *conversion) edited() (events.Reader, error) {
	c := r.cmd
	var readers []events.Reader
	first, start := int64(edit.Never), int64(edit.Never)
	for _, in := range r.inputs {
		var reader events.Reader = &convertSource{in.file, in, r.env}
		if c.Lenient {
			reader = edit.NewLenient(reader)
		}
		peeked := edit.NewPeek(reader)
		if e, ok := peeked.First(); ok {
			begins, _ := peeked.Start()
			first, start = min(first, e.T), min(start, begins)
		}
		filtered, err := c.filtered(peeked, in.path)
		if err != nil {
			return nil, err
		}
		readers = append(readers, filtered)
	}
	reader := readers[0]
	if len(readers) > 1 {
		reader = edit.NewMerge(readers...)
	}
	if first == edit.Never {
		first, start = 0, 0 // there are no events
	}
	if c.From.set || c.To.set {
		from, to, err := c.window(first)
		if err != nil {
			return nil, err
		}
		if from >= to {
			return nil, fmt.Errorf("--from %v is not before --to %v: by the recording's clock they are %d us and %d us", c.From, c.To, from, to)
		}
		reader = edit.NewWindow(reader, from, to)
		if c.From.set {
			start = from
		}
	}
	if c.Rebase {
		reader = edit.NewShift(reader, start)
	}
	if c.Crop.Known() {
		if err := c.Crop.Within(reader.Header().Geometry); err != nil {
			return nil, fmt.Errorf("--crop: %w", err)
		}
		if c.CropKeep {
			reader = edit.NewMask(reader, c.Crop.Area)
		} else {
			reader = edit.NewCrop(reader, c.Crop.Area)
		}
	}
	if c.Polarity != "" {
		p := events.Off
		if c.Polarity == "on" {
			p = events.On
		}
		reader = edit.NewPolarity(reader, p)
	}
	return reader, nil
}

// window is that of --from and --to by the recording's clock.
func (c *convertCmd) window(first int64) (from, to int64, err error) {
	from, to = edit.Always, edit.Never
	if c.From.set {
		if from, err = c.From.By(first); err != nil {
			return 0, 0, fmt.Errorf("--from: %w", err)
		}
	}
	if c.To.set {
		if to, err = c.To.By(first); err != nil {
			return 0, 0, fmt.Errorf("--to: %w", err)
		}
	}
	return from, to, nil
}

// write writes what a reader gives. What was read before damage is written and put in place;
// whatever else fails leaves nothing behind.
func (r *conversion) write(reader events.Reader) (damage, err error) {
	r.geometry = reader.Header().Geometry
	out, err := create(r.out, r.env.stdout)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.discard())
		}
	}()
	w, err := r.cmd.newWriter(r.target, out, events.Header{Geometry: r.geometry, Source: r.source()})
	switch {
	case err != nil && !r.geometry.Known():
		return nil, fmt.Errorf("%w; --geometry says the sensor's size where the recording does not", r.hint(err))
	case err != nil:
		return nil, r.hint(err)
	}
	bars := r.env.bars()
	defer bars.Close()
	stage := bars.Stage("converting")
	defer stage.End()
	r.copied, damage, err = edit.Copy(r.env.ctx, w, reader, edit.CopyOptions{
		Geometry: r.geometry, Lenient: r.cmd.Lenient, Each: func() { r.progress(stage) },
	})
	// The writer has to be closed whatever happens: some keep a file aside until then.
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, r.hint(err)
	}
	if damage != nil && r.copied.Events == 0 && r.copied.Triggers == 0 {
		return nil, damage // there is nothing to keep, and a file that is there is worth more
	}
	if err := out.commit(); err != nil {
		return damage, r.hint(err)
	}
	return damage, nil
}

// source is where what is written comes from: of several recordings what is the same in all.
func (r *conversion) source() events.Source {
	all := r.inputs[0].file.Source()
	for _, in := range r.inputs[1:] {
		one := in.file.Source()
		if one.Camera != all.Camera {
			all.Camera = ""
		}
		if one.Serial != all.Serial {
			all.Serial = ""
		}
		if !one.Start.Equal(all.Start) {
			all.Start = time.Time{}
		}
	}
	return all
}

// hint says what helps with what a format has no place for.
func (r *conversion) hint(err error) error {
	if u, ok := errors.AsType[*events.UnheldError](err); ok {
		if !r.cmd.Rebase && strings.HasPrefix(u.Why, "t ") {
			return fmt.Errorf("%s: %w; --rebase counts time from the first event, --lenient leaves such events out", r.out, err)
		}
		return fmt.Errorf("%s: %w; --lenient leaves such events out", r.out, err)
	}
	// The name of a file that is not yet in place would tell nobody anything.
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", r.out, err)
}

// progress shows how many bytes of the recordings have been read.
func (r *conversion) progress(stage *progress.Stage) {
	var read, size int64
	for _, in := range r.inputs {
		n, of, ok := in.file.Position()
		if !ok {
			return
		}
		read, size = read+n, size+of
	}
	stage.Set(int(read), int(size))
}

// convertSource counts the events and the damage of a recording, and ends with the context.
type convertSource struct {
	*events.File
	in  *convertInput
	env *env
}

func (s *convertSource) Read(p *events.Packet) error {
	if err := s.env.ctx.Err(); err != nil {
		p.Reset()
		return err
	}
	err := s.File.Read(p)
	s.in.read += int64(len(p.Events))
	if err != nil && !errors.Is(err, io.EOF) {
		s.in.damage.Add(err)
	}
	return err
}

// OnTrigger hands triggers on and counts them: a recording may have others, which it tells
// too little of.
func (s *convertSource) OnTrigger(f func(events.Trigger)) {
	s.File.OnTrigger(func(t events.Trigger) {
		s.in.triggers++
		f(t)
	})
}
