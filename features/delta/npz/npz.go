package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Bounds of an archive.
const (
	MaxBytes  = 1 << 30 // of the file, and of all that it unpacks to
	maxArrays = 4096
)

// Archive is the arrays of an archive by name, without the .npy that they have in the
// file.
type Archive map[string]*Array

// Names are those of the arrays, in order.
func (a Archive) Names() []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Get gives an array of a shape, in which -1 stands for any size.
func (a Archive) Get(name string, shape ...int) (*Array, error) {
	array, ok := a[name]
	if !ok {
		return nil, fmt.Errorf("array %s: expected it, found %s", name, strings.Join(a.Names(), ", "))
	}
	fits := len(shape) == len(array.Shape)
	for i := range shape {
		fits = fits && (shape[i] < 0 || shape[i] == array.Shape[i])
	}
	if !fits {
		return nil, fmt.Errorf("array %s: expected shape %v, found %v", name, shape, array.Shape)
	}
	return array, nil
}

// Load reads an archive from a file.
func Load(path string) (a Archive, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > MaxBytes {
		return nil, fmt.Errorf("%s: expected a file of at most %d bytes", path, MaxBytes)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if a, err = Read(b); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// Read reads the bytes of an archive.
func Read(b []byte) (Archive, error) {
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("npz: expected a ZIP archive: %w", err)
	}
	if len(r.File) > maxArrays {
		return nil, fmt.Errorf("npz: expected at most %d arrays, found %d", maxArrays, len(r.File))
	}
	out, left := make(Archive, len(r.File)), uint64(MaxBytes)
	for _, f := range r.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("npz: expected arrays NAME.npy, found %q", f.Name)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("npz: array %q stands twice", name)
		}
		data, err := unpack(f, left)
		if err != nil {
			return nil, fmt.Errorf("npz: array %q: %w", name, err)
		}
		left -= uint64(len(data))
		if out[name], err = ReadArray(data); err != nil {
			return nil, fmt.Errorf("npz: array %q: %w", name, err)
		}
	}
	return out, nil
}

// unpack reads one file of an archive, up to what is left of the bound whatever its
// entry says.
func unpack(f *zip.File, left uint64) (data []byte, err error) {
	if f.UncompressedSize64 > left {
		return nil, fmt.Errorf("expected at most %d bytes in all arrays, found %d more", MaxBytes, f.UncompressedSize64-left)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	// It grows as bytes come, which a short file with a large number in it has not got.
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, int64(left)+1))
	if err != nil {
		return nil, err
	}
	if uint64(n) > left {
		return nil, fmt.Errorf("expected at most %d bytes in all arrays", MaxBytes)
	}
	return b.Bytes(), nil
}
