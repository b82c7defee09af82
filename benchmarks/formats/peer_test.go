package formats_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// formatPeer is a C program that decodes a file whenever it is told to.
type formatPeer struct {
	count int
	ask   io.Writer
	tell  *bufio.Reader
}

// compileFormat compiles a C decoder for this machine; empty where there is no gcc.
func compileFormat(t testing.TB, name string) string {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		return ""
	}
	program := filepath.Join(t.TempDir(), name)
	out, err := exec.CommandContext(t.Context(), gcc, "-O3", "-march=native", "-o", program, "peer/"+name+".c").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// startPeer has a C decoder decode words, sees that they are the same events as ours, and
// leaves it ready to be timed. The test's end ends it.
func startPeer(t testing.TB, program string, words []byte, want []events.Event) *formatPeer {
	file := filepath.Join(t.TempDir(), "words")
	require.NoError(t, os.WriteFile(file, words, 0o600))
	out, err := exec.CommandContext(t.Context(), program, file, "events").Output()
	require.NoError(t, err)
	const size = 16
	require.Len(t, out, size*len(want), "as many events")
	for i, e := range want {
		b := out[i*size:]
		got := events.Event{
			T: int64(binary.LittleEndian.Uint64(b)), X: binary.LittleEndian.Uint16(b[8:]), Y: binary.LittleEndian.Uint16(b[10:]), P: events.Polarity(b[12]),
		}
		if got != e {
			require.Equal(t, e, got, "event %d", i)
		}
	}

	// It ends where its input does, which is when the test is done with it.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, file)
	ask, err := cmd.StdinPipe()
	require.NoError(t, err)
	tell, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, ask.Close())
		require.NoError(t, cmd.Wait())
	})
	return &formatPeer{count: len(want), ask: ask, tell: bufio.NewReader(tell)}
}

// took gives the nanoseconds of one of so many times.
func (p *formatPeer) took(t testing.TB, times int) float64 {
	_, err := fmt.Fprintln(p.ask, times)
	require.NoError(t, err)
	var ns float64
	var n int
	_, err = fmt.Fscanln(p.tell, &ns, &n)
	require.NoError(t, err)
	require.Equal(t, times*p.count, n, "events")
	return ns / float64(times)
}
