package hil

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseWords(t *testing.T) {
	words, err := parseWords([]byte("// about\n\n  0000000a // ten\r\nFFFFFFFF\n00000001"))
	require.NoError(t, err)
	require.Equal(t, []uint32{10, 1<<32 - 1, 1}, words)
	for text, says := range map[string]string{
		"0000000a\n0000000":                 `line 2: expected eight hexadecimal digits, found "0000000"`,
		"000000000a":                        `line 1: expected eight`,
		"+000000a":                          "line 1: expected eight",
		"xxxxxxxx":                          "line 1: expected eight",
		"00000001 00000002":                 "line 1: expected eight",
		"// " + strings.Repeat("long ", 60): "line 1: expected at most 256 bytes",
	} {
		_, err := parseWords([]byte(text))
		require.ErrorContains(t, err, says)
	}
}

func FuzzParseWords(f *testing.F) {
	f.Add([]byte("// about\n0000000a // ten\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		words, err := parseWords(text)
		if err != nil {
			return
		}
		again, err := parseWords(appendWords(nil, "again", words, nil))
		require.NoError(t, err)
		require.Equal(t, words, again)
	})
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(`{"format":"saccade hil vectors","version":1,"width":34,"files":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := parseManifest(text); err == nil {
			require.Equal(t, VectorFormat, m.Format)
		}
	})
}
