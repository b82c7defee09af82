package plainyaml_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/plainyaml"
)

var limits = plainyaml.Limits{Bytes: 64 << 10, Nesting: 8, Structure: 100}

func TestDocument(t *testing.T) {
	body, p := plainyaml.Document([]byte("\ufeffa: {b: [1, 2]}\n"), limits)
	require.Nil(t, p)
	require.Equal(t, "a: {b: [1, 2]}", body.String())
	body, p = plainyaml.Document(nil, limits)
	require.Nil(t, p)
	require.Nil(t, body)
}

func TestDocumentRefuses(t *testing.T) {
	for _, c := range []struct {
		text, want, got string
		line, column    int
	}{
		{strings.Repeat("#", 64<<10+1), "a file of at most 65536 bytes", "a larger one", 0, 0},
		{"a: 1\nb: \xff", "text in UTF-8", "the byte 0xff", 2, 4},
		{"a: &x 1", "plain fields and lists", "an anchor (&)", 1, 4},
		{"a: *x", "plain fields and lists", "an alias (*)", 1, 4},
		{"a: !!int 1", "plain fields and lists", "a tag (!)", 1, 4},
		{strings.Repeat("[", 9), "plain fields and lists", "structure more than 8 deep", 1, 9},
		{strings.Repeat("- ", 9), "plain fields and lists", "structure more than 8 deep", 1, 17},
		{strings.Repeat("- 1\n", 101), "plain fields and lists", "more than 100 fields and entries", 101, 1},
		{"a: 1\n---\nb: 1\n", "one document", "a second one", 3, 2},
	} {
		body, p := plainyaml.Document([]byte(c.text), limits)
		require.Nil(t, body)
		require.NotNil(t, p, c.text)
		require.Equal(t, c.want, p.Want)
		require.Equal(t, c.got, p.Got)
		require.Equal(t, c.text == "a: *x", p.Alias)
		if c.line == 0 {
			require.Nil(t, p.At)
			continue
		}
		require.Equal(t, [2]int{c.line, c.column}, [2]int{p.At.Line, p.At.Column}, c.text)
	}
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte("a: {b: [1, 2]}\n"))
	f.Add([]byte("? a\n: b"))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, p := plainyaml.Document(text, limits)
		if p != nil && (body != nil || p.Want == "" || p.Got == "") {
			t.Fatalf("%v beside %+v", body, p)
		}
	})
}
