package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
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

// Read reads the headers of the bytes of an archive, which its arrays keep.
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
		if out[name], err = readMember(f, uint64(len(b)), left); err != nil {
			return nil, fmt.Errorf("npz: array %q: %w", name, err)
		}
		left -= f.UncompressedSize64
	}
	return out, nil
}

// maxRatio is how many bytes one of a packed file can become: by RFC 1951 a match gives at
// most 258 bytes, and takes a bit for its length and one for its distance.
const maxRatio = 258 * 8 / 2

// readMember reads the header of one file of an archive of a length. Sizes that the file
// cannot hold are refused before anything is unpacked.
func readMember(f *zip.File, length, left uint64) (a *Array, err error) {
	holds := f.CompressedSize64
	if f.Method != zip.Store {
		holds = min(holds, length) * maxRatio
	}
	switch {
	case f.CompressedSize64 > length:
		return nil, fmt.Errorf("expected at most the %d bytes of the archive, found %d", length, f.CompressedSize64)
	case f.UncompressedSize64 > holds:
		return nil, fmt.Errorf("expected at most the %d bytes that %d can be unpacked to, found %d", holds, f.CompressedSize64, f.UncompressedSize64)
	case f.UncompressedSize64 > left:
		return nil, fmt.Errorf("expected at most %d bytes in all arrays, found %d more", MaxBytes, f.UncompressedSize64-left)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if a, err = readHeader(r, f.UncompressedSize64); err != nil {
		return nil, err
	}
	a.values.packed = f
	return a, nil
}
