package sweep

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/predict"
)

// Result is what came of a configuration that learned from some of the recordings.
type Result struct {
	Recordings int           `json:"recordings"`
	Config     feast.Config  `json:"config"`
	Score      predict.Score `json:"score"`
	MissedRate float64       `json:"missed_rate"` // while learning
	Seconds    float64       `json:"seconds"`     // that it took, beside others
}

// validate tells what cannot be in a result.
func (r Result) validate() error {
	if err := r.Config.Validate(); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	if r.Recordings < 1 || r.Recordings > predict.MaxPatterns {
		return fmt.Errorf("recordings %d: expected 1 to %d", r.Recordings, predict.MaxPatterns)
	}
	return nil
}

// key tells configurations apart.
func key(c feast.Config) string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(PanicConfig) // of a struct of numbers and names
	}
	return string(b)
}

// PanicConfig is the panic of a configuration with a number that JSON has not; Validate
// refuses such ones.
const PanicConfig = "sweep: a configuration cannot be written"

// scoreVersion changes with what package predict computes: scores of two versions
// cannot be compared.
const scoreVersion = 1

// header is the first line of a results file: what all results in it are of.
type header struct {
	Version    int         `json:"saccade_sweep"`
	Recordings int         `json:"recordings"`
	Data       string      `json:"data"` // SHA-256 of labels, names and bytes
	Pool       pool.Config `json:"pool"` // geometry and features are the configuration's
	Score      int         `json:"score"`
}

const version = 1

// differs tells what of a file's header is not this sweep's.
func (h header) differs(found header) error {
	switch {
	case found.Version != h.Version:
		return fmt.Errorf("expected version %d, found %d", h.Version, found.Version)
	case found.Score != h.Score:
		return fmt.Errorf("its scores are of version %d, and this saccade computes version %d", found.Score, h.Score)
	case found.Recordings != h.Recordings:
		return fmt.Errorf("its results are of %d recordings, and this sweep is over %d", found.Recordings, h.Recordings)
	case found.Data != h.Data:
		return errors.New("its results are of other recordings")
	case found.Pool != h.Pool:
		return fmt.Errorf("its results are pooled in another way: cells of %dx%d, %s, %s, %s", found.Pool.CellWidth, found.Pool.CellHeight,
			found.Pool.Spread, found.Pool.Transform, found.Pool.Norm)
	}
	return nil
}
