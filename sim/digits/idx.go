package digits

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// IDX, the layout of MNIST's files, all numbers big-endian:
//
//	images                        labels
//	0   0x00000803                0   0x00000801
//	4   number of images          4   number of labels
//	8   rows, 28                  8   a label a byte, 0 to 9
//	12  columns, 28
//	16  the pixels, a byte each
//
// The magic number says: unsigned bytes (0x08) in three dimensions or one.
const (
	magicImages = 0x00000803
	magicLabels = 0x00000801
	// MaxImages is how many images a file may hold; the largest relative of
	// MNIST has 814,255.
	MaxImages = 1 << 20
)

const formatName = "idx"

// ReadImages reads a file of images, plain or gzip. What cannot be read is an
// [*events.FormatError], its offset in the uncompressed file.
func ReadImages(r io.Reader) ([]Image, error) {
	d, err := newIDX(r)
	if err != nil {
		return nil, err
	}
	n, err := d.header(magicImages, "of images")
	if err != nil {
		return nil, err
	}
	for _, side := range []string{"rows", "columns"} {
		v, err := d.word(side)
		if err != nil {
			return nil, err
		}
		if v != Side {
			return nil, d.bad(4, fmt.Sprintf("%d %s", Side, side), fmt.Sprint(v))
		}
	}
	// Grown as images come, not as the header promises.
	var images []Image
	for i := range n {
		images = append(images, Image{})
		if err := d.read(images[i][:], fmt.Sprintf("image %d of %d", i, n)); err != nil {
			return nil, err
		}
	}
	if err := d.end(n, "images"); err != nil {
		return nil, err
	}
	return images, nil
}

// ReadLabels reads a file of labels, plain or gzip, with errors as [ReadImages].
func ReadLabels(r io.Reader) ([]uint8, error) {
	d, err := newIDX(r)
	if err != nil {
		return nil, err
	}
	n, err := d.header(magicLabels, "of labels")
	if err != nil {
		return nil, err
	}
	var labels []uint8
	var block [4096]uint8
	for len(labels) < n {
		b := block[:min(len(block), n-len(labels))]
		if err := d.read(b, fmt.Sprintf("%d labels", n)); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(b, func(v uint8) bool { return v >= Classes }); i >= 0 {
			return nil, d.bad(len(b)-i, "a label from 0 to 9", fmt.Sprint(b[i]))
		}
		labels = append(labels, b...)
	}
	if err := d.end(n, "labels"); err != nil {
		return nil, err
	}
	return labels, nil
}

// idx reads fields and knows where it is.
type idx struct {
	r   io.Reader
	off int64
}

// newIDX looks through gzip, which files of this layout are passed on in.
func newIDX(r io.Reader) (*idx, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	head, err := br.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return &idx{r: br}, nil
	}
	d := &idx{}
	if d.r, err = gzip.NewReader(br); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, d.bad(0, "a gzip header", "the end")
		}
		return nil, d.damage("a gzip header", err)
	}
	return d, nil
}

// bad is an error for something that began back bytes ago.
func (d *idx) bad(back int, want, got string) error {
	return &events.FormatError{Format: formatName, Offset: d.off - int64(back), Want: want, Got: got, Fatal: true}
}

// read fills b; what names its content.
func (d *idx) read(b []byte, what string) error {
	n, err := io.ReadFull(d.r, b)
	d.off += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.bad(0, what, "the end")
	}
	return d.damage(what, err)
}

// damage makes a FormatError of what gzip says of its content, and leaves errors of
// the reader beneath as they are.
func (d *idx) damage(what string, err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		return d.bad(0, what, "damaged compression: "+err.Error())
	}
	return err
}

func (d *idx) word(what string) (uint32, error) {
	var b [4]byte
	if err := d.read(b[:], what); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b[:]), nil
}

func (d *idx) header(magic uint32, kind string) (n int, err error) {
	m, err := d.word("a magic number")
	if err != nil {
		return 0, err
	}
	if m != magic {
		return 0, d.bad(4, fmt.Sprintf("%#08x, the magic number %s", magic, kind), fmt.Sprintf("%#08x", m))
	}
	count, err := d.word("a number " + kind)
	if err != nil {
		return 0, err
	}
	if count > MaxImages {
		return 0, d.bad(4, fmt.Sprintf("a number %s up to %d", kind, MaxImages), fmt.Sprint(count))
	}
	return int(count), nil
}

// end makes sure that nothing follows, which also has gzip check its sum.
func (d *idx) end(n int, kind string) error {
	var b [1]byte
	want := fmt.Sprintf("the end behind %d %s", n, kind)
	switch _, err := io.ReadFull(d.r, b[:]); {
	case err == nil:
		return d.bad(0, want, "more bytes")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return d.bad(0, want, "compression that is cut off")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return d.damage(want, err)
	}
}
