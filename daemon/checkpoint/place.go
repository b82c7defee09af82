package checkpoint

import (
	"encoding/json"
	"fmt"
)

// largest bounds terms and numbers: they count up from 1, and what is beyond was never written.
const largest = 1 << 62

// parsePlace reads what a checkpoint says of itself.
func parsePlace(text string) (Place, error) {
	var p Place
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return Place{}, fmt.Errorf("its metadata: %w", err)
	}
	switch {
	case p.Format != format:
		return Place{}, fmt.Errorf("version: expected %d, found %d", format, p.Format)
	case p.Number == 0 || p.Number > largest:
		return Place{}, fmt.Errorf("number: expected 1 to %d, found %d", uint64(largest), p.Number)
	case p.Term > largest:
		return Place{}, fmt.Errorf("term: expected at most %d, found %d", uint64(largest), p.Term)
	}
	return p, nil
}
