package npy

import (
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// batches gives events until io.EOF, which may come with the last of them.
type batches interface {
	read(p *events.Packet) error
}

// reader gives the events of an array, whatever it is packed in.
type reader struct {
	name     string
	geometry events.Geometry
	array    batches
	// place turns an offset in the array into one in the file, and says in words
	// what the file's alone does not.
	place func(at int64) (offset int64, words string)
	// finish sees to what stands behind the array.
	finish func() error
	end    error // given from then on
}

// Header gives the geometry that was handed in: arrays have none.
func (r *reader) Header() events.Header {
	return events.Header{Format: r.name, Geometry: r.geometry}
}

func (r *reader) Skipped() map[string]int64 { return map[string]int64{} }

func (r *reader) Read(p *events.Packet) error {
	p.Reset()
	if r.end != nil {
		return r.end
	}
	err := r.array.read(p)
	if err == nil {
		return nil
	}
	var fe *events.FormatError // here, as it is on the heap
	switch {
	case errors.As(err, &fe):
		if fe.Format == Name { // of the array, not of the archive around it
			moved := *fe
			moved.Format = r.name
			var words string
			moved.Offset, words = r.place(fe.Offset)
			moved.Got += words
			err = &moved
		}
		if !fe.Fatal {
			return err
		}
	case errors.Is(err, io.EOF):
		if err = r.finish(); err == nil {
			err = io.EOF
		}
	}
	r.end = err
	if len(p.Events) > 0 && errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
