package command

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// screenful collects what a view writes, and tells of each write.
type screenful struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func (f *screenful) Write(b []byte) (int, error) {
	f.mu.Lock()
	n, err := f.text.Write(b)
	f.mu.Unlock()
	select {
	case f.wrote <- struct{}{}:
	default:
	}
	return n, err
}

func (f *screenful) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text.String()
}

// The view is drawn over itself as results come, and its last state stays when it
// is interrupted.
func TestViewIsDrawnInPlace(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server, err := bus.Start(ctx, bus.ServerOptions{Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Shutdown(context.WithoutCancel(ctx))) }()
	nc, err := nats.Connect("", server.InProcess())
	require.NoError(t, err)
	defer nc.Close()
	subjects, err := bus.NewSubjects("saccade")
	require.NoError(t, err)

	c := &watchCmd{Kinds: []string{"labels", "status"}, ASCII: true}
	results, err := c.subscribe(nc, subjects)
	require.NoError(t, err)
	require.Equal(t, []string{"saccade.*.labels", "saccade.*.status"}, results.subjects)
	require.NoError(t, bus.Flush(ctx, nc))

	screen := &screenful{wrote: make(chan struct{}, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- c.draw(&env{ctx: ctx, stdout: screen, stderr: io.Discard}, nc, subjects, results, new(notices))
	}()
	until := func(text string) {
		for !strings.Contains(screen.String(), text) {
			select {
			case <-screen.wrote:
			case err := <-ended:
				require.NoError(t, err)
				require.FailNow(t, "the view has ended", "%s", screen)
			}
		}
	}
	until("nothing has come yet\n")
	require.NoError(t, nc.Publish("saccade.cam.labels", document(t, bus.Label{Label: "seven", Confidence: 0.5})))
	until("  label      seven   confidence 0.50")
	require.NoError(t, nc.Publish("saccade.cam.status", document(t, bus.Status{Events: 1234})))
	until("1,234 in all")
	stop()
	require.NoError(t, <-ended)

	text := screen.String()
	// Each frame but the first begins by going up over the one before.
	drawn := strings.Split(text, "\x1b[?7l")
	require.Empty(t, drawn[0])
	require.True(t, strings.HasSuffix(drawn[1], "\n\x1b[?7h\x1b[1A\x1b[J"), "%q", drawn[1])
	last := drawn[len(drawn)-1]
	require.True(t, strings.HasSuffix(last, "\n\x1b[?7h"), "what was drawn last stays: %q", last)
}

// Where output is no terminal, or something else was asked for, lines are printed.
func TestViewIsForTerminals(t *testing.T) {
	e := &env{stdout: &bytes.Buffer{}}
	require.False(t, (&watchCmd{}).view(e))
}
