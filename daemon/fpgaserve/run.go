package fpgaserve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Run serves until the context ends, which is no error. The machine is the server's until Run returns.
func (s *Server) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	g.Go(func() error {
		o := &owner{clock: newClock(s.machine), count: &s.count, requests: s.requests, sessions: s.sessions}
		o.run(ctx)
		return nil
	})
	g.Go(func() error { return s.accept(ctx, s.registers, maxRegisterHosts, s.serveRegisters) })
	g.Go(func() error { return s.accept(ctx, s.stream, maxStreamHosts, s.serveStream) })
	if s.udp != nil {
		g.Go(func() error { return s.serveUDP(ctx) })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("serving a device: %w", err)
	}
	return nil
}

// How many connexions a port has at the most; others wait in the system's queue until there is room.
const (
	maxRegisterHosts = 32
	maxStreamHosts   = 16 // one, and those that are being refused
)

// acceptPause is how long a server that cannot accept anything, mostly for lack of file descriptors, leaves it.
const acceptPause = 100 * time.Millisecond

// accept gives each connexion of a port to a goroutine, and waits for all of them when the context has ended.
func (s *Server) accept(ctx context.Context, l net.Listener, most int, serve func(context.Context, net.Conn)) error {
	var all sync.WaitGroup
	defer all.Wait()
	room := make(chan struct{}, most)
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			s.log.Warn("a connexion could not be accepted", keyError, err)
			<-room
			select {
			case <-time.After(acceptPause):
			case <-ctx.Done():
			}
			continue
		}
		all.Go(func() {
			defer func() { <-room }()
			stop := context.AfterFunc(ctx, func() { _ = c.Close() })
			defer stop()
			serve(ctx, c)
			_ = c.Close()
		})
	}
}
