package readout

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func someConfusion() *Confusion {
	m := NewConfusion([]string{"cat", "dog", "unicorn"})
	for range 3 {
		m.Add(0, 0)
	}
	m.Add(0, 1)
	m.Add(1, 1)
	m.Add(1, 0)
	return m
}

func TestConfusionRates(t *testing.T) {
	m := someConfusion()
	require.Equal(t, 6, m.Total())
	require.Equal(t, 4, m.Correct())
	require.InDelta(t, 4.0/6, m.Accuracy(), 1e-12)
	require.InDelta(t, 0.75, m.Recall(0), 1e-12)
	require.InDelta(t, 0.5, m.Recall(1), 1e-12)
	require.InDelta(t, 0.75, m.Precision(0), 1e-12)
	require.InDelta(t, 0.5, m.Precision(1), 1e-12)
	require.True(t, math.IsNaN(m.Recall(2)))
	require.True(t, math.IsNaN(m.Precision(2)))
	require.True(t, math.IsNaN(NewConfusion(m.Classes()).Accuracy()))
	require.PanicsWithValue(t, PanicClass, func() { m.Add(0, 3) })
	require.PanicsWithValue(t, PanicClass, func() { m.Add(-1, 0) })
}

func TestConfusionString(t *testing.T) {
	require.Equal(t, `              cat     dog unicorn  recall
cat             3       1       0   75.0%
dog             1       1       0   50.0%
unicorn         0       0       0       -
precision   75.0%   50.0%       -
accuracy 66.7% (4 of 6)
`, someConfusion().String())

	many := NewConfusion(make([]string, 33))
	many.Add(32, 32)
	require.Contains(t, many.String(), "recall precision class\n")
	require.Contains(t, many.String(), "accuracy 100.0% (1 of 1)")
}

func TestConfusionJSON(t *testing.T) {
	data, err := json.Marshal(someConfusion())
	require.NoError(t, err)
	require.JSONEq(t, `{"classes":["cat","dog","unicorn"],"counts":[[3,1,0],[1,1,0],[0,0,0]],"accuracy":0.6666666666666666,
		"recall":[0.75,0.5,null],"precision":[0.75,0.5,null]}`, string(data))
	var read Confusion
	require.NoError(t, json.Unmarshal(data, &read))
	require.Equal(t, someConfusion(), &read)
	for want, bad := range map[string]string{
		"1 rows for 2 classes":    `{"classes":["a","b"],"counts":[[1,2]]}`,
		"row 1 has 1 counts":      `{"classes":["a","b"],"counts":[[1,2],[3]]}`,
		"column 1 is -1":          `{"classes":["a","b"],"counts":[[1,-1],[3,4]]}`,
		"cannot unmarshal string": `{"classes":"a"}`,
	} {
		require.ErrorContains(t, json.Unmarshal([]byte(bad), &read), want)
		require.Equal(t, someConfusion(), &read)
	}
}
