package npy

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/saccade-dev/saccade/events"
)

const (
	// recordBytes is t, x, y and p as they are written.
	recordBytes = 8 + 2 + 2 + 1
	// headerSize is numpy's: the records begin at a multiple of 64 bytes.
	headerSize = 128
	// memberName is what numpy.savez(events=...) gives.
	memberName = "events.npy"
)

// arrayHeader is the header of an array of n events. Its size does not depend
// on n, so that it can be put right later.
func arrayHeader(n int64) []byte {
	dict := fmt.Sprintf("{'descr': [('t', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '|b1')], 'fortran_order': False, 'shape': (%d,), }", n)
	b := []byte(magic)
	b = append(b, 1, 0, headerSize-10, 0)
	b = append(b, dict...)
	for i := 10 + len(dict); i < headerSize-1; i++ {
		b = append(b, ' ')
	}
	return append(b, '\n')
}

// writer writes records. Where out cannot seek they go to a temporary file first,
// as the number of them has to stand before them.
type writer struct {
	records io.Writer
	finish  func() error
	buf     []byte
	events  int64
	err     error // of the first write that failed: nothing goes out behind a hole
}

// file is what can be put right at its beginning when its end is known.
type file interface {
	io.WriteSeeker
	io.WriterAt
}

// newWriter writes a .npy file.
func newWriter(w io.Writer, h events.Header) (events.Writer, error) {
	if _, err := checkGeometry(h.Geometry); err != nil {
		return nil, err
	}
	wr := &writer{buf: make([]byte, 0, bufferBytes)}
	if f, ok := w.(file); ok {
		// A pipe is a file that cannot seek, and one that is appended to cannot be
		// put right: both say so here.
		start, err := f.Seek(0, io.SeekCurrent)
		if err == nil {
			_, err = f.WriteAt(arrayHeader(0), start)
		}
		if err == nil {
			_, err = f.Seek(start+headerSize, io.SeekStart)
		}
		if err == nil {
			wr.records = w
			wr.finish = func() error {
				if wr.err != nil {
					return wr.err
				}
				_, err := f.WriteAt(arrayHeader(wr.events), start)
				return err
			}
			return wr, nil
		}
	}
	return spooled(wr, func(records io.Reader) error {
		if _, err := w.Write(arrayHeader(wr.events)); err != nil {
			return err
		}
		_, err := io.Copy(w, records)
		return err
	})
}

// newZipWriter writes a .npz file with one deflated array.
func newZipWriter(w io.Writer, h events.Header) (events.Writer, error) {
	if _, err := checkGeometry(h.Geometry); err != nil {
		return nil, err
	}
	wr := &writer{buf: make([]byte, 0, bufferBytes)}
	return spooled(wr, func(records io.Reader) error {
		z := zip.NewWriter(w)
		m, err := z.Create(memberName)
		if err != nil {
			return err
		}
		if _, err := m.Write(arrayHeader(wr.events)); err != nil {
			return err
		}
		if _, err := io.Copy(m, records); err != nil {
			return err
		}
		return z.Close()
	})
}

// spooled lets the records wait in a temporary file until all are known.
func spooled(wr *writer, put func(records io.Reader) error) (events.Writer, error) {
	f, err := os.CreateTemp("", "saccade-*.npy")
	if err != nil {
		return nil, err
	}
	wr.records = f
	wr.finish = func() error {
		_, err := f.Seek(0, io.SeekStart)
		if wr.err != nil {
			err = wr.err
		}
		if err == nil {
			err = put(f)
		}
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return wr, nil
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		if e.X >= events.MaxSide || e.Y >= events.MaxSide {
			return events.Unheld(w.events, "x %d, y %d: expected an event within %dx%d pixels", e.X, e.Y, events.MaxSide, events.MaxSide)
		}
		if len(w.buf)+recordBytes > cap(w.buf) {
			if err := w.flush(); err != nil {
				return err
			}
		}
		w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(e.T))
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(e.X)|uint32(e.Y)<<16)
		w.buf = append(w.buf, byte(e.P&1))
		w.events++
	}
	return nil
}

func (w *writer) flush() error {
	if w.err == nil {
		_, w.err = w.records.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

// Close writes what is left and finishes the file; the first call alone does.
func (w *writer) Close() error {
	if w.finish == nil {
		return w.err
	}
	_ = w.flush() // finish gives its error
	finish := w.finish
	w.finish = nil
	return finish()
}
