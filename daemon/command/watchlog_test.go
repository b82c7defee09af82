package command

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is logged while a view is drawn on the terminal is shown by the view, for a while,
// and not written through it.
func TestNoticesWhileDrawing(t *testing.T) {
	var out bytes.Buffer
	said := new(notices)
	log := slog.New(said.handler(slog.NewTextHandler(&out, nil))).With("server", "here")
	log.Info("connected")
	require.Contains(t, out.String(), "msg=connected server=here")
	require.Empty(t, said.latest(time.Now()), "the view has not begun")

	out.Reset()
	said.draw(true)
	log.Warn("the connection was lost", "error", "EOF")
	require.Empty(t, out.String())
	require.Regexp(t, `^\d\d:\d\d:\d\d the connection was lost, server here, error EOF$`, said.latest(time.Now()))
	require.Empty(t, said.latest(time.Now().Add(noticeFor)), "that is long ago")

	// A log that goes elsewhere tears nothing.
	said.draw(false)
	log.Info("connected again")
	require.Contains(t, out.String(), `msg="connected again"`)
	require.Contains(t, said.latest(time.Now()), " connected again, server here")
}
