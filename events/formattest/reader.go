package formattest

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Sample is a file made by hand, and what stands in it.
type Sample struct {
	Format   string
	Open     Open            // nil for the format's own NewReader
	Geometry events.Geometry // handed to the format's NewReader
	Data     []byte

	Header  events.Header // at the end
	Events  []events.Event
	Skipped map[string]int64
	Damage  []string // read on behind

	// Ends says for every event at which byte of Data it is all there: a file that is
	// cut behind that byte gives it, one that is cut before does not. It is nil where
	// that cannot be told: then the longer of two beginnings has no fewer events.
	Ends []int
	// Clean tells, of cuts from byte Head on, whether a file may end there, without damage.
	// It is not asked where Mends is set.
	Head  int
	Clean func(n int) bool
	// Mends is set where a cut is damage that is read on behind, as a line is that was
	// cut off, and not the end.
	Mends bool
	// Unread is how many bytes at the end of Data a reader need not look at, as the
	// directory of an archive.
	Unread int
	// Whole is set where a source is read to its end when the reader is made: what it fails with
	// refuses the reader.
	Whole bool
	// Step is set above 1 for files of which not every cut can be tried.
	Step int
}

// capacities are the sizes of packets that are tried.
var capacities = []int{1, 2, 3, 4, 5, 7, 50, events.DefaultPacketEvents}

// Reader sees that the sample is read as it says, by a reader made afresh each time.
func Reader(t *testing.T, s Sample) {
	t.Helper()
	require.NotEmpty(t, s.Events, "a sample has events")
	require.True(t, s.Ends == nil || len(s.Ends) == len(s.Events), "a sample says of all events where they end")
	require.True(t, s.Clean != nil || s.Mends, "a sample says where a file may end")
	if s.Open == nil {
		s.Open = Opener(t, s.Format, s.Geometry)
	}
	s.Step = max(s.Step, 1)
	t.Run("boundaries", s.boundaries)
	t.Run("cut off", s.cutOff)
	t.Run("the source fails", s.sourceFails)
	t.Run("the source is stuck", s.sourceIsStuck)
	t.Run("geometry", s.geometry)
}

// boundaries reads the sample however the source cuts it, in packets of every size.
func (s *Sample) boundaries(t *testing.T) {
	for name, cut := range cuts {
		for _, capacity := range capacities {
			r, err := s.Open(cut(bytes.NewReader(s.Data)))
			require.NoError(t, err, name)
			require.Equal(t, s.Header.Format, r.Header().Format)
			in, damage, end := ReadAll(t, r, capacity)
			require.Equal(t, s.Events, in, "%s, packets of %d", name, capacity)
			require.Equal(t, s.Damage, Says(damage), "%s, packets of %d", name, capacity)
			require.Equal(t, io.EOF, end, "%s, packets of %d", name, capacity)
			require.Equal(t, s.Header, r.Header(), "%s, packets of %d", name, capacity)
			requireSkipped(t, s.Skipped, r)
		}
	}
}

// requireSkipped compares counts, of which there may be none.
func requireSkipped(t *testing.T, want map[string]int64, r events.Reader) {
	t.Helper()
	got := r.Skipped()
	require.NotNil(t, got, "no counts are an empty map")
	if len(want) > 0 || len(got) > 0 {
		require.Equal(t, want, got)
	}
}

// geometry sees that no geometry is taken that no sensor has.
func (s *Sample) geometry(t *testing.T) {
	f := Format(t, s.Format)
	for _, g := range noSensors {
		_, err := f.NewReader(bytes.NewReader(s.Data), g)
		require.ErrorContains(t, err, "expected sides from 1 to 4096", "%+v", g)
	}
}

// noSensors are geometries that no sensor has.
var noSensors = []events.Geometry{
	{Width: events.MaxSide + 1, Height: 1},
	{Width: 1, Height: events.MaxSide + 1},
	{Width: 34},
	{Height: 34},
	{Width: -1, Height: 34},
	{Width: 34, Height: -1},
}
