package survey

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
)

func TestSettled(t *testing.T) {
	two := func(offHits, onHits, offMissed, onMissed uint64) Moment {
		return Moment{Hits: []uint64{offHits, onHits}, Missed: []uint64{offMissed, onMissed}}
	}
	one := func(hits, missed uint64) Moment {
		return Moment{Hits: []uint64{hits}, Missed: []uint64{missed}}
	}
	for name, c := range map[string]struct {
		history      []Moment
		hits, missed uint64
	}{
		"none":        {nil, 0, 0},
		"one":         {[]Moment{two(10, 20, 1, 2)}, 30, 3},
		"two":         {[]Moment{two(10, 20, 1, 2), two(15, 27, 2, 4)}, 12, 3},
		"three":       {[]Moment{two(10, 20, 1, 2), two(15, 27, 2, 4), two(16, 27, 2, 5)}, 13, 4},
		"four":        {[]Moment{one(1, 1), one(10, 2), one(100, 3), one(1000, 4)}, 990, 2},
		"merged bank": {[]Moment{one(100, 50), one(300, 54)}, 200, 4},
	} {
		t.Run(name, func(t *testing.T) {
			hits, missed := Settled(c.history)
			require.Equal(t, c.hits, hits)
			require.Equal(t, c.missed, missed)
		})
	}
}

func TestBankNames(t *testing.T) {
	for mode, want := range map[feast.Mode]int{feast.Split: 2, feast.Merged: 1, feast.On: 1, feast.Planes: 1} {
		require.Len(t, BankNames(mode), want, mode)
	}
	require.Equal(t, []string{"ON"}, BankNames(feast.On))
}
