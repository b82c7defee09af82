package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// values are where those of an array are: behind its header in the bytes of an .npy file, or in a
// packed file of an archive.
type values struct {
	data   []byte
	packed *zip.File
	at     int // of the first value
}

func (v *values) open() (io.ReadCloser, error) {
	if v.packed != nil {
		return v.packed.Open()
	}
	return io.NopCloser(bytes.NewReader(v.data)), nil
}

// part is how many bytes of values are held at a time.
const part = 1 << 16

// each calls a function with the bits of every value, in C order.
func (a *Array) each(take func(i int, bits uint64) error) (err error) {
	r, err := a.values.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if _, err := io.CopyN(io.Discard, r, int64(a.values.at)); err != nil {
		return cut(err)
	}
	if a.layout.fortran && len(a.Shape) > 1 {
		return a.eachTurned(r, take)
	}
	size := a.layout.size
	buffer := make([]byte, min(part/size, a.Len())*size)
	for i := 0; i < a.Len(); {
		b := buffer[:min(len(buffer), (a.Len()-i)*size)]
		if _, err := io.ReadFull(r, b); err != nil {
			return cut(err)
		}
		for ; len(b) > 0; b = b[size:] {
			if err := take(i, a.layout.word(b)); err != nil {
				return err
			}
			i++
		}
	}
	return end(r)
}

// eachTurned does so for an array in Fortran order, in which the first axis runs fastest:
// all of it is held.
func (a *Array) eachTurned(r io.Reader, take func(i int, bits uint64) error) error {
	// It grows as bytes come, as sizes may still promise more than there is.
	var all bytes.Buffer
	if _, err := io.CopyN(&all, r, int64(a.Len()*a.layout.size)); err != nil {
		return cut(err)
	}
	if err := end(r); err != nil {
		return err
	}
	index := make([]int, len(a.Shape))
	for i := range a.Len() {
		from, stride := 0, a.layout.size
		for axis, k := range index {
			from += k * stride
			stride *= a.Shape[axis]
		}
		if err := take(i, a.layout.word(all.Bytes()[from:])); err != nil {
			return err
		}
		for axis := len(index) - 1; axis >= 0; axis-- {
			if index[axis]++; index[axis] < a.Shape[axis] {
				break
			}
			index[axis] = 0
		}
	}
	return nil
}

// end reads the end, where an archive compares its checksum.
func end(r io.Reader) error {
	switch _, err := io.ReadFull(r, make([]byte, 1)); {
	case err == nil:
		return errors.New("values: expected the end behind the last, found more")
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("values: %w", err)
	default:
		return nil
	}
}

// cut says what an early end means.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("values: expected as many as the header says: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("values: %w", err)
}

// word is the number, without sign, that the bytes of a value are.
func (l *layout) word(b []byte) (v uint64) {
	for i, x := range b[:l.size] {
		if l.order == '>' {
			v = v<<8 | uint64(x)
		} else {
			v |= uint64(x) << (8 * i)
		}
	}
	return v
}
