package survey

import "github.com/saccade-dev/saccade/features/feast"

// PerHit is misses/hits, nil where nothing was won: no number says that.
func PerHit(hits, missed uint64) *float64 {
	if hits == 0 {
		return nil
	}
	return new(float64(missed) / float64(hits))
}

// Balance is where misses per hit rest while a layer learns, nil where its thresholds
// rise or fall alone and so have no place to rest.
func Balance(c feast.Config) *float64 {
	if c.DeltaI == 0 || c.DeltaE == 0 {
		return nil
	}
	return new(c.Balance())
}
