package progress

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vbauerster/mpb/v8/decor"
)

// The last note stands behind the numbers, of a bar that is at work and of one that has ended.
func TestNote(t *testing.T) {
	var out bytes.Buffer
	d := New(&out, Lines)
	s := d.Stage("training")
	s.Set(2, 4)
	s.Note("loss 2.3")
	require.Regexp(t, `^  2/4  \S+ left  loss 2\.3$`, s.numbers(decor.Statistics{Current: 2, Total: 4}))
	s.Set(4, 4)
	s.Note("loss 0.5")
	s.End()
	require.Regexp(t, `^training: 4 of 4 in \d+\.\d s: loss 0\.5\n$`, out.String())
	require.Regexp(t, `  loss 0\.5$`, s.numbers(decor.Statistics{Current: 4, Total: 4, Completed: true}))
}
