package formattest

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Writer sees that a format's writer makes the same file of events in whatever parts
// they come, refuses what no sensor has, and passes the errors of what lies beneath
// on, without writing on behind a hole. The events are few, and all can be held.
func Writer(t *testing.T, name string, g events.Geometry, in []events.Event) {
	t.Helper()
	require.NotEmpty(t, in)
	f := Format(t, name)
	open := func(w io.Writer) (events.Writer, error) { return f.NewWriter(w, events.Header{Geometry: g}) }
	t.Run("parts", func(t *testing.T) {
		whole := Write(t, name, g, in)
		r := NewReader(t, name, bytes.NewReader(whole), events.Geometry{})
		out, damage, end := ReadAll(t, r, 7)
		require.Equal(t, io.EOF, end)
		require.Empty(t, damage)
		require.Equal(t, in, out)
		var single [][]events.Event
		for i := range in {
			require.Equal(t, whole, Write(t, name, g, in[:i], nil, in[i:]), "split at event %d", i)
			single = append(single, in[i:i+1])
		}
		require.Equal(t, whole, Write(t, name, g, single...), "one by one")
	})
	t.Run("geometry", func(t *testing.T) {
		for _, g := range noSensors {
			_, err := f.NewWriter(io.Discard, events.Header{Geometry: g})
			require.Error(t, err, "%+v", g)
		}
	})
	t.Run("errors", func(t *testing.T) { WriterErrors(t, open, in) })
}

var errFull = errors.New("the disk is full")

// WriterErrors writes into what fails once, at each of its calls in turn, and then
// takes everything again: the error comes from the very call of Write in which it
// arose, Close gives it whenever that was, and nothing is written behind the hole.
func WriterErrors(t *testing.T, open func(w io.Writer) (events.Writer, error), in []events.Event) {
	t.Helper()
	many := make([]events.Event, 0, 1<<16)
	for len(many)+len(in) <= cap(many) {
		many = append(many, in[len(in)-1])
	}
	for at := range 1000 {
		sink := &failsOnce{at: at}
		err := writeAll(t, open, sink, in, many, many)
		if sink.calls <= at {
			require.NoError(t, err)
			require.Positive(t, at, "a file is written in some call")
			return
		}
		require.ErrorIs(t, err, errFull, "when call %d fails", at)
		require.Zero(t, sink.behind, "bytes behind the hole that call %d left", at)
	}
	require.Fail(t, "a writer that writes events one by one")
}

// writeAll writes on whatever happens, and gives the error of Close, or of what there
// was instead.
func writeAll(t *testing.T, open func(w io.Writer) (events.Writer, error), sink *failsOnce, parts ...[]events.Event) error {
	t.Helper()
	w, err := open(sink)
	if err != nil {
		return err
	}
	for _, part := range parts {
		before := sink.failed()
		switch err := w.Write(part); {
		case sink.failed() && !before:
			require.ErrorIs(t, err, errFull, "what fails while events are written is told there")
		case err != nil && !errors.Is(err, errFull):
			return err
		}
	}
	return w.Close()
}

// failsOnce fails at its call of that number.
type failsOnce struct{ at, calls, behind int }

func (w *failsOnce) failed() bool { return w.calls > w.at }

func (w *failsOnce) Write(b []byte) (int, error) {
	w.calls++
	switch {
	case w.calls == w.at+1:
		return 0, errFull
	case w.calls > w.at+1:
		w.behind += len(b)
	}
	return len(b), nil
}
