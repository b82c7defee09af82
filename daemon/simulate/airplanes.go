package simulate

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"runtime"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/sim/airplanes"
)

// AirplaneOptions say what to write of aeroplanes.
type AirplaneOptions struct {
	Dir         string // as in [Options]
	Train, Test int
	Seed        uint64
	Config      airplanes.Config
	// Format is the name of the file format, N-MNIST's if empty.
	Format string
	// Keep is the size of the part in the middle of the field that is written, whose top
	// left corner becomes the origin. The zero value is as much as the format is known
	// to hold, see [AirplaneGeometry].
	Keep events.Geometry
	Done func()
}

// nmnistField is the largest field that N-MNIST's format holds.
var nmnistField = events.Geometry{Width: 256, Height: 240}

// AirplaneGeometry is what is written of a field where nothing else is said: all of it,
// but in N-MNIST's format, whose x has 8 bits, the middle 256x240 pixels at the most.
func AirplaneGeometry(format string, field events.Geometry) events.Geometry {
	if format == "" || format == nmnist.Name {
		field.Width, field.Height = min(field.Width, nmnistField.Width), min(field.Height, nmnistField.Height)
	}
	return field
}

// withDefaults fills in what options may leave out.
func (o AirplaneOptions) withDefaults() AirplaneOptions {
	if o.Format == "" {
		o.Format = nmnist.Name
	}
	if o.Keep == (events.Geometry{}) {
		o.Keep = AirplaneGeometry(o.Format, o.Config.Geometry)
	}
	return o
}

// Validate tells, before a long simulation, what cannot be simulated or written.
func (o AirplaneOptions) Validate() error {
	o = o.withDefaults()
	format, err := events.FormatByName(o.Format)
	if err != nil {
		return err
	}
	if format.NewWriter == nil {
		return fmt.Errorf("format %s: expected one that can be written, this one is only read", o.Format)
	}
	if err := o.Config.Validate(); err != nil {
		return err
	}
	if field := o.Config.Geometry; !o.Keep.Valid() || o.Keep.Width > field.Width || o.Keep.Height > field.Height {
		return fmt.Errorf("geometry %dx%d: expected a part of the %dx%d pixels that are simulated",
			o.Keep.Width, o.Keep.Height, field.Width, field.Height)
	}
	// Formats know best what they hold.
	_, err = format.NewWriter(io.Discard, events.Header{Format: o.Format, Geometry: o.Keep})
	return err
}

// WriteAirplanes writes both halves as Train/<class>/<number> and Test/<class>/<number>,
// and beside the classes, in boxes.tsv, where the aeroplanes are; it gives the number of
// events. The whole field is simulated whatever is kept of it. As with [Write], the same
// options give the same files, and what was written stays when ctx ends.
func WriteAirplanes(ctx context.Context, o AirplaneOptions) (int64, error) {
	if err := o.Validate(); err != nil {
		return 0, err
	}
	o = o.withDefaults()
	format, err := events.FormatByName(o.Format)
	if err != nil {
		return 0, err
	}
	f := folder{dir: o.Dir, format: format, geometry: o.Keep, done: o.Done}
	c := middle(o.Config.Geometry, o.Keep)
	return f.write(o.Train, o.Test, func(half, n int) (iter.Seq2[file, error], error) {
		set, err := airplanes.NewDataSet(o.Config, n, halfSeed(o.Seed, half))
		if err != nil {
			return nil, err
		}
		return func(yield func(file, error) bool) {
			boxes := newBoxes(c)
			for r, err := range set.All(ctx, runtime.GOMAXPROCS(0)) {
				if err != nil {
					yield(file{}, err)
					return
				}
				out := file{index: r.Index, label: r.Flight.Class.String(), events: c.events(r.Events)}
				boxes.add(filepath.ToSlash(f.name(out)), r.Flight)
				if !yield(out, nil) {
					return
				}
			}
			if err := boxes.write(filepath.Join(o.Dir, halves[half], boxesName)); err != nil {
				yield(file{}, err)
			}
		}, nil
	})
}
