package fpgaserve

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/saccade-dev/saccade/hw/fpga/remote"
)

// grace is how long a host waits for the streams while another has them, who may be just going.
const grace = time.Second

// serveStream serves one connexion to the streams.
func (s *Server) serveStream(ctx context.Context, c net.Conn) {
	log := s.log.With(keyRemote, c.RemoteAddr().String())
	session := newSession(c)
	wait := time.NewTimer(grace)
	defer wait.Stop()
	select {
	case s.sessions <- session:
	case <-ctx.Done():
		return
	case <-wait.C:
		s.count.refused.Add(1)
		log.Warn("a host was refused the streams, which another has")
		if err := greet(c, remote.Busy); err != nil {
			log.Debug("a host has not waited to be refused", keyError, err)
		}
		return
	}
	s.count.hosts.Add(1)
	log.Info("a host has the streams")
	if t, ok := c.(*net.TCPConn); ok {
		// The system bounds what is on its way, too; where it does not do as it is told, it has bounds of its own.
		_, _ = t.SetReadBuffer(wireBytes), t.SetWriteBuffer(wireBytes)
	}
	s.attach(ctx, session, log)
}

// attach serves a session until both of its ends have.
func (s *Server) attach(ctx context.Context, session *session, log *slog.Logger) {
	var g errgroup.Group
	fails := func(f func(*counters) error) func() error {
		return func() error {
			err := f(&s.count)
			if err != nil {
				session.end()
			}
			return err
		}
	}
	err := greet(session.conn, remote.Welcome)
	if err != nil {
		session.end()
	}
	stop := context.AfterFunc(ctx, session.end)
	defer stop()
	g.Go(fails(session.read))
	g.Go(fails(session.write))
	if werr := g.Wait(); err == nil {
		err = werr
	}
	session.end()
	<-session.over
	if err != nil && ctx.Err() == nil {
		log.Warn("a host has lost the streams", keyError, err)
		return
	}
	log.Info("a host has given the streams back")
}

// greet tells a host whether it has the streams. One that takes not even a word has gone.
func greet(c net.Conn, word uint32) error {
	if err := c.SetWriteDeadline(time.Now().Add(grace)); err != nil {
		return err
	}
	if _, err := c.Write(binary.LittleEndian.AppendUint32(nil, word)); err != nil {
		return err
	}
	return c.SetWriteDeadline(time.Time{})
}
