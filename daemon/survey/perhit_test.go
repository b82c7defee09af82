package survey_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/features/feast"
)

func TestPerHitAndBalanceAreNumbersOrNone(t *testing.T) {
	require.Nil(t, survey.PerHit(0, 196_050))
	require.Equal(t, new(0.5), survey.PerHit(10, 5))
	c := feast.Default()
	require.Equal(t, new(c.Balance()), survey.Balance(c))
	for _, d := range [][2]float64{{0, 0.003}, {0.001, 0}, {0, 0}} {
		c.DeltaI, c.DeltaE = d[0], d[1]
		require.Nil(t, survey.Balance(c), "%v", d)
	}
}
