package decide

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/wholefile"
)

// Load reads a network from a file of package delta that has its frames and labels beside it, as
// [Network.Save] writes it. Of one that has not, such as of a network that was made elsewhere, the error is
// [ErrAlone], and the result has the network alone.
func Load(path string) (*Network, error) {
	net, parts, err := delta.LoadWith(path)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return &Network{Net: net}, fmt.Errorf("%s: %w", path, ErrAlone)
	}
	n, err := FromParts(net, parts)
	if err == nil {
		err = n.Validate()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// Save writes the network to a file, which is either written whole or left as it was. What takes delta
// networks takes it, too.
func (n *Network) Save(path string) error {
	if err := n.Validate(); err != nil {
		return fmt.Errorf("network: %w", err)
	}
	parts, err := n.Parts()
	if err != nil {
		return err
	}
	b, err := n.Net.MarshalWith(parts)
	if err != nil {
		return err
	}
	return wholefile.Write(path, b)
}
