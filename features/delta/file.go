package delta

import (
	"fmt"
	"os"

	"github.com/saccade-dev/saccade/features/wholefile"
)

// MaxFileBytes is the largest file that is read.
const MaxFileBytes = 1 << 30

// Load reads a network from a file.
func Load(path string) (*Network, error) {
	n, _, err := LoadWith(path)
	return n, err
}

// LoadWith is Load, and gives what stands beside the network in the file: see [Network.MarshalWith].
func LoadWith(path string) (*Network, map[string][]byte, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, err
	case !st.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%s: expected a file of a delta network, found a folder or something else", path)
	case st.Size() > MaxFileBytes:
		return nil, nil, fmt.Errorf("%s: expected a file of at most %d bytes, found %d", path, MaxFileBytes, st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	n := new(Network)
	more, err := n.UnmarshalWith(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, more, nil
}

// Save writes the network to a file, which is either written whole or left as it was.
func (n *Network) Save(path string) error {
	b, err := n.MarshalBinary()
	if err != nil {
		return err
	}
	return wholefile.Write(path, b)
}
