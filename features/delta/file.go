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
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected a file of a delta network, found a folder or something else", path)
	case st.Size() > MaxFileBytes:
		return nil, fmt.Errorf("%s: expected a file of at most %d bytes, found %d", path, MaxFileBytes, st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := new(Network)
	if err := n.UnmarshalBinary(b); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// Save writes the network to a file, which is either written whole or left as it was.
func (n *Network) Save(path string) error {
	b, err := n.MarshalBinary()
	if err != nil {
		return err
	}
	return wholefile.Write(path, b)
}
