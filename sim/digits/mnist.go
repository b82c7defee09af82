package digits

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"github.com/saccade-dev/saccade/events"
)

// MNIST is a set of labelled images. It is immutable and may be used from any
// number of goroutines.
type MNIST struct {
	images  []Image
	labels  []uint8
	byLabel [Classes][]int32
}

// PanicSlice is the panic of Slice for bounds that are not within the set.
const PanicSlice = "digits: a slice must lie within the set"

// OpenMNIST reads a file of images and the file of their labels, plain or gzip.
func OpenMNIST(images, labels string) (*MNIST, error) {
	ims, err := readFile(images, ReadImages)
	if err != nil {
		return nil, err
	}
	ls, err := readFile(labels, ReadLabels)
	if err != nil {
		return nil, err
	}
	m, err := NewMNIST(ims, ls)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", images, labels, err)
	}
	return m, nil
}

func readFile[T any](path string, read func(io.Reader) (T, error)) (v T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	v, err = read(f)
	var fe *events.FormatError
	switch {
	case errors.As(err, &fe):
		fe.Source = path
	case err != nil:
		err = fmt.Errorf("%s: %w", path, err)
	}
	return v, err
}

// NewMNIST makes a set of images and their labels, which it keeps. It is an error
// if they are not equally many, or a label is not from 0 to 9.
func NewMNIST(images []Image, labels []uint8) (*MNIST, error) {
	if len(images) != len(labels) {
		return nil, fmt.Errorf("digits: %d images but %d labels", len(images), len(labels))
	}
	if len(images) > MaxImages {
		return nil, fmt.Errorf("digits: %d images: expected up to %d", len(images), MaxImages)
	}
	m := &MNIST{images: images, labels: labels}
	for i, l := range labels {
		if l >= Classes {
			return nil, fmt.Errorf("digits: label %d: expected 0 to 9, found %d", i, l)
		}
		m.byLabel[l] = append(m.byLabel[l], int32(i))
	}
	return m, nil
}

// Len is the number of images.
func (m *MNIST) Len() int { return len(m.images) }

// Image gives image i, from 0 to Len()-1, and its label.
func (m *MNIST) Image(i int) (Image, int) { return m.images[i], int(m.labels[i]) }

// Slice is the set of the images from..to-1, to keep what a model is tested on
// away from what it is trained on. It panics with PanicSlice if from..to does not
// lie within the set.
func (m *MNIST) Slice(from, to int) *MNIST {
	if from < 0 || to < from || to > len(m.images) {
		panic(PanicSlice)
	}
	s := &MNIST{images: m.images[from:to], labels: m.labels[from:to]}
	for i, l := range s.labels {
		s.byLabel[l] = append(s.byLabel[l], int32(i))
	}
	return s
}

// Digit gives an image of the label that rng chooses. It is an error if the set
// has none, and panics with PanicLabel for a label that is not from 0 to 9.
func (m *MNIST) Digit(label int, rng *rand.Rand) (Image, error) {
	if label < 0 || label >= Classes {
		panic(PanicLabel)
	}
	of := m.byLabel[label]
	if len(of) == 0 {
		return Image{}, fmt.Errorf("digits: no image of a %d among %d", label, len(m.images))
	}
	return m.images[of[rng.IntN(len(of))]], nil
}
