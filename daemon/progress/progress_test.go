package progress

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vbauerster/mpb/v8/decor"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a display's clock that a test turns.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func TestNone(t *testing.T) {
	var out bytes.Buffer
	d := New(&out, None)
	s := d.Stage("working")
	s.Steps(3)()
	s.End()
	d.Close()
	require.Empty(t, out.String())
}

func TestLines(t *testing.T) {
	var out bytes.Buffer
	d := New(&out, Lines)
	c := &clock{}
	d.now = c.now

	s := d.Stage("learning features")
	step := s.Steps(4)
	require.Empty(t, out.String(), "a line comes at the end")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(step)
	}
	wg.Wait()
	c.t = c.t.Add(1500 * time.Millisecond)
	s.End()

	s = d.Stage("training readouts") // whose steps nobody counts
	s.Share(0.25)
	c.t = c.t.Add(200 * time.Millisecond)
	s.End()
	s = d.Stage("waiting") // and one without any
	s.End()

	s = d.Stage("recognising")
	s.Steps(10)()
	s.End()
	d.Close()
	require.Equal(t, "learning features: 4 of 4 in 1.5 s\ntraining readouts: in 0.2 s\nwaiting: in 0.0 s\nrecognising: 1 of 10 in 0.0 s\n", out.String())
}

// Progress that comes late, from a goroutine that was held up, does not go back.
func TestSetNeverGoesBack(t *testing.T) {
	var out bytes.Buffer
	d := New(&out, Lines)
	s := d.Stage("training")
	s.Set(7, 10)
	s.Set(3, 10)
	s.End()
	require.True(t, strings.HasPrefix(out.String(), "training: 7 of 10 in "), out.String())
}

func TestBars(t *testing.T) {
	for name, c := range map[string]struct {
		steps, total int
		shows        string
	}{
		"to the end":         {5, 5, "5/5"},
		"not to the end":     {2, 5, "2/5"},
		"none of any":        {0, 0, "working"},
		"none of some":       {0, 5, "0/5"},
		"more than was said": {6, 5, "working"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			d := New(&out, Bars)
			s := d.Stage("working")
			if c.total > 0 {
				step := s.Steps(c.total)
				for range c.steps {
					step()
				}
			}
			s.End()
			// Another one below it, that nothing is known of.
			d.Stage("waiting").End()
			d.Close()
			require.Contains(t, out.String(), "working")
			require.Contains(t, out.String(), c.shows)
			require.Contains(t, out.String(), "waiting")
		})
	}
}

func TestNumbers(t *testing.T) {
	d := New(nil, None)
	c := &clock{}
	d.now = c.now
	s := d.Stage("working")
	c.t = c.t.Add(4 * time.Second)
	require.Equal(t, "  4.0s", s.numbers(decor.Statistics{}))
	require.Equal(t, "   0/10  4.0s", s.numbers(decor.Statistics{Total: 10}))
	require.Equal(t, "   2/10  16s left", s.numbers(decor.Statistics{Total: 10, Current: 2}))
	require.Equal(t, "   8/10  1.0s left", s.numbers(decor.Statistics{Total: 10, Current: 8}))
	s.End()
	c.t = c.t.Add(2 * time.Minute)
	require.Equal(t, "  10/10  4.0s", s.numbers(decor.Statistics{Total: 10, Current: 10, Completed: true}), "it took no longer than to its end")
	require.Equal(t, "   3/10  4.0s", s.numbers(decor.Statistics{Total: 10, Current: 3, Aborted: true}))

	s = d.Stage("sharing")
	c.t = c.t.Add(2 * time.Minute)
	s.Share(0.25)
	require.Equal(t, int64(250), s.done.Load())
	require.Equal(t, "  6m0s left", s.numbers(decor.Statistics{Total: 1000, Current: 250}))
	s.End()
	require.Equal(t, "  2m0s", s.numbers(decor.Statistics{Total: 1000, Current: 1000, Completed: true}))
}
