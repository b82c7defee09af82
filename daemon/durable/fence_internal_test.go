package durable

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever stands where a sensor's owner does is a term that somebody may have written, or an error.
func FuzzFence(f *testing.F) {
	for _, seed := range []string{`{"term":1}`, `{"term":0}`, `{"term":-1}`, `{"term":18446744073709551615}`, `{}`, ``, `1`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		term, err := parseFence(data)
		if err != nil {
			require.Zero(t, term)
			return
		}
		require.Positive(t, term)
		text, err := json.Marshal(fence{term})
		require.NoError(t, err)
		again, err := parseFence(text)
		require.NoError(t, err)
		require.Equal(t, term, again)
	})
}
