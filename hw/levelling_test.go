package hw_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

func TestLevellingRefused(t *testing.T) {
	for says, c := range map[string]struct {
		mul, shift           []int32
		low, high, threshold int32
	}{
		"as many multipliers as shifts, found 0 and 0":                   {nil, nil, 0, 1, 0},
		"as many multipliers as shifts, found 2 and 1":                   {[]int32{1, 2}, []int32{1}, 0, 1, 0},
		"expected shifts from 1 to 62, found 0 to 3":                     {[]int32{1, 2}, []int32{0, 3}, 0, 1, 0},
		"expected shifts from 1 to 62, found 5 to 63":                    {[]int32{1, 2}, []int32{63, 5}, 0, 1, 0},
		"within 32767 on either side of zero, found -32768 to 1":         {[]int32{1}, []int32{1}, -32768, 1, 0},
		"within 32767 on either side of zero, found 2 to 1":              {[]int32{1}, []int32{1}, 2, 1, 0},
		"within 32767 on either side of zero, found 0 to 32768":          {[]int32{1}, []int32{1}, 0, 32768, 0},
		"levels: expected a threshold from 0 to 32767, found -1":         {[]int32{1}, []int32{1}, 0, 1, -1},
		"levels: expected a threshold from 0 to 32767, found 2147483647": {[]int32{1}, []int32{1}, 0, 1, 1<<31 - 1},
	} {
		_, err := hw.NewLevelling(c.mul, c.shift, c.low, c.high, c.threshold)
		require.ErrorContains(t, err, says)
	}
	l, err := hw.NewLevelling([]int32{3, -4}, []int32{1, 62}, -1, 1, 0)
	require.NoError(t, err)
	require.Equal(t, []int32{3, -4}, l.Mul)
}
