package checkpoint

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// What somebody else writes is a place, or an error; a place can be written again, and followed by another one.
func FuzzParsePlace(f *testing.F) {
	for _, s := range []string{
		`{"term":1,"epoch":2,"seq":3,"number":4,"format":1}`, `{"format":1}`, `{"format":2,"number":1}`, `{"term":`, "", "null", "[]",
		`{"term":18446744073709551615,"epoch":-1,"seq":18446744073709551615,"number":18446744073709551615,"format":1}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePlace(s)
		if err != nil {
			require.Zero(t, p)
			return
		}
		next := p
		next.Number++
		require.Positive(t, next.compare(p))
		text, err := json.Marshal(p)
		require.NoError(t, err)
		again, err := parsePlace(string(text))
		require.NoError(t, err)
		require.Equal(t, p, again)
	})
}
