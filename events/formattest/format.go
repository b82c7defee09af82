package formattest

import (
	"bytes"
	"io"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Format is the registered format of a name.
func Format(t require.TestingT, name string) *events.Format {
	helper(t)
	f, err := events.FormatByName(name)
	require.NoError(t, err)
	return f
}

// Encoding is the registered encoding of a name.
func Encoding(t require.TestingT, name string) *events.Encoding {
	helper(t)
	e, err := events.EncodingByName(name)
	require.NoError(t, err)
	return e
}

// NewReader makes a reader of a format, which must not refuse.
func NewReader(t require.TestingT, name string, src io.Reader, g events.Geometry) events.Reader {
	helper(t)
	r, err := Format(t, name).NewReader(src, g)
	require.NoError(t, err)
	return r
}

// Write writes a file in memory, each part of the events in a call of its own.
func Write(t require.TestingT, name string, g events.Geometry, parts ...[]events.Event) []byte {
	helper(t)
	var b bytes.Buffer
	w, err := Format(t, name).NewWriter(&b, events.Header{Geometry: g})
	require.NoError(t, err)
	for _, part := range parts {
		require.NoError(t, w.Write(part))
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// Open makes a reader of a source. An error is what a reader is refused with.
type Open func(src io.Reader) (events.Reader, error)

// Opener is the Open of a format with a geometry.
func Opener(t require.TestingT, name string, g events.Geometry) Open {
	helper(t)
	f := Format(t, name)
	return func(src io.Reader) (events.Reader, error) { return f.NewReader(src, g) }
}

// Detected is the name of the one registered format that knows a file by its content,
// whether or not its size is told.
func Detected(t require.TestingT, content []byte) string {
	helper(t)
	head := content[:min(len(content), events.DetectBytes)]
	var found []string
	var refused []error
	for _, f := range events.Formats() {
		before := bytes.Clone(head)
		err := f.Detect(head, int64(len(content)))
		if err == nil {
			err = f.Detect(head, -1)
		}
		if !bytes.Equal(before, head) {
			require.Failf(t, "Detect only looks", "%s", f.Name)
		}
		if err == nil {
			found = append(found, f.Name)
		} else {
			refused = append(refused, err)
		}
	}
	require.Len(t, found, 1, "a file is of one format: %v", refused)
	return found[0]
}
