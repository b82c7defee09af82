package formattest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// complete is how many events of the sample are all there in its first n bytes, or 0
// where that is not known.
func (s *Sample) complete(n int) int {
	for i, end := range s.Ends {
		if end > n {
			return i
		}
	}
	return len(s.Ends)
}

// cutOff reads the sample's beginnings: what is before the cut is there, and if the cut
// is damage, that is told last, at or before the cut.
func (s *Sample) cutOff(t *testing.T) {
	before := 0
	for n := 0; n < len(s.Data); n += s.Step {
		for _, src := range []io.Reader{bytes.NewReader(s.Data[:n]), iotest.DataErrReader(bytes.NewReader(s.Data[:n]))} {
			r, err := s.Open(src)
			if err != nil {
				s.refused(t, err, n)
				continue
			}
			in, damage, end := ReadAll(t, r, 3)
			before = s.beginning(t, n, before, in)
			says := Says(damage)
			var fe *events.FormatError
			switch {
			case errors.As(end, &fe):
				require.False(t, s.Mends, "cut at byte %d: %v", n, end)
				require.LessOrEqual(t, fe.Offset, int64(n), "cut at byte %d: %v", n, end)
			case s.Mends && len(says) > 0 && (len(says) > len(s.Damage) || says[len(says)-1] != s.Damage[len(says)-1]):
				require.LessOrEqual(t, damage[len(damage)-1].Offset, int64(n))
				says = says[:len(says)-1]
			}
			if !errors.As(end, &fe) {
				require.Equal(t, io.EOF, end)
			}
			if !s.Mends && n >= s.Head {
				require.Equal(t, s.Clean(n), fe == nil, "cut at byte %d: %v", n, end)
			}
			require.LessOrEqual(t, len(says), len(s.Damage), "cut at byte %d: %q", n, says)
			require.True(t, slices.Equal(s.Damage[:len(says)], says), "cut at byte %d: %q", n, says)
		}
	}
}

// refused sees that a header that was cut is said to be.
func (s *Sample) refused(t *testing.T, err error, n int) {
	t.Helper()
	var fe *events.FormatError
	require.ErrorAs(t, err, &fe, "cut at byte %d", n)
	require.True(t, fe.Fatal, "cut at byte %d: %v", n, err)
	require.LessOrEqual(t, fe.Offset, int64(n), "cut at byte %d: %v", n, err)
	require.Zero(t, s.complete(n), "cut at byte %d, there were events: %v", n, err)
}

// beginning sees that just the events are there that stand in the first n bytes. Before
// is how many a shorter beginning had, and how many this one has is given.
func (s *Sample) beginning(t *testing.T, n, before int, in []events.Event) int {
	t.Helper()
	want := s.Events[:min(len(in), len(s.Events))]
	if s.Ends != nil {
		want = s.Events[:s.complete(n)]
	}
	if !slices.Equal(want, in) {
		require.Equal(t, want, in, "cut at byte %d", n)
	}
	require.GreaterOrEqual(t, len(in), before, "cut at byte %d: more of a file has no fewer events", n)
	return len(in)
}

// told is up to where n bytes can be read that something may follow: a line without its end
// may have been cut off.
func (s *Sample) told(n int) int {
	if s.Mends {
		return n - 1
	}
	return n
}

// unread tells whether a file that goes on behind byte n may have come to its end all the
// same.
func (s *Sample) unread(n int, end error) bool {
	return errors.Is(end, io.EOF) && s.Unread > 0 && n >= len(s.Data)-s.Unread
}

var errCut = errors.New("the line was cut")

// sourceFails reads the sample's beginnings from a source that fails behind them: what
// is before is there, and the source's own error stands at the end.
func (s *Sample) sourceFails(t *testing.T) {
	before := 0
	for n := 0; n <= len(s.Data); n += s.Step {
		for name, src := range map[string]io.Reader{
			"behind":      io.MultiReader(bytes.NewReader(s.Data[:n]), iotest.ErrReader(errCut)),
			"with data":   &failing{s.Data[:n], errCut},
			"in one byte": iotest.OneByteReader(io.MultiReader(bytes.NewReader(s.Data[:n]), iotest.ErrReader(errCut))),
		} {
			r, err := s.Open(src)
			if err != nil {
				require.ErrorIs(t, err, errCut, "%s byte %d", name, n)
				require.Zero(t, s.complete(n), "%s byte %d, there were events", name, n)
				continue
			}
			require.False(t, s.Whole, "%s byte %d", name, n)
			in, _, end := ReadAll(t, r, 3)
			before = s.beginning(t, s.told(n), before, in)
			if s.unread(n, end) {
				continue
			}
			require.Equal(t, errCut, end, "%s byte %d", name, n)
		}
	}
	for _, err := range []error{io.ErrUnexpectedEOF, io.ErrClosedPipe} {
		r, refused := s.Open(&failing{s.Data, err})
		if s.Whole {
			require.Equal(t, err, refused, "the source's own")
			continue
		}
		require.NoError(t, refused)
		_, _, end := ReadAll(t, r, 3)
		if s.unread(len(s.Data), end) {
			continue
		}
		require.Equal(t, err, end, "an end that was not expected below is no end")
	}
}

// sourceIsStuck reads from a source that gives nothing for ever: that is an error of
// its own, as it is in the standard library, and not a loop without an end.
func (s *Sample) sourceIsStuck(t *testing.T) {
	for _, n := range []int{0, 1, len(s.Data) / 2, len(s.Data) - 1, len(s.Data)} {
		r, err := s.Open(&stuck{s.Data[:n]})
		if err == nil {
			var in []events.Event
			in, _, err = ReadAll(t, r, 3)
			s.beginning(t, s.told(n), 0, in)
		}
		if s.unread(n, err) {
			continue
		}
		require.ErrorIs(t, err, io.ErrNoProgress, "behind byte %d", n)
	}
}
