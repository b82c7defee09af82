package fpgaserve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"
)

// Server serves a device.
type Server struct {
	machine Machine
	log     *slog.Logger
	count   counters

	registers, stream net.Listener
	udp               *net.UDPConn // nil where there is none

	requests chan *request
	sessions chan *session
}

// Listen opens the ports; [Server.Run] serves them. A server that is not run is closed with [Server.Close].
func Listen(ctx context.Context, m Machine, o Options) (*Server, error) {
	s := &Server{machine: m, log: o.Log, requests: make(chan *request), sessions: make(chan *session)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	err := o.check()
	if err == nil {
		err = s.listen(ctx, o)
	}
	if err != nil {
		_ = s.Close() // what could not be opened says more
		return nil, fmt.Errorf("serving a device: %w", err)
	}
	return s, nil
}

// portTries is how many ports are tried for one whose neighbour is free as well.
const portTries = 32

func (s *Server) listen(ctx context.Context, o Options) (err error) {
	// A host that is gone without a word is found out within half a minute.
	c := net.ListenConfig{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4}}
	for try := 1; ; try++ {
		if s.registers, err = c.Listen(ctx, "tcp", o.Registers); err != nil {
			return fmt.Errorf("registers: %w", err)
		}
		where := o.Stream
		if where == "" {
			if where, err = behind(s.registers.Addr()); err != nil {
				return err
			}
		}
		if s.stream, err = c.Listen(ctx, "tcp", where); err == nil {
			break
		}
		_, port, serr := net.SplitHostPort(o.Registers)
		if serr != nil || port != "0" || o.Stream != "" || try == portTries {
			return fmt.Errorf("streams: %w", err)
		}
		if err := s.registers.Close(); err != nil {
			return err
		}
	}
	if o.UDP == "" {
		return nil
	}
	u, err := c.ListenPacket(ctx, "udp", o.UDP)
	if err != nil {
		return fmt.Errorf("registers over UDP: %w", err)
	}
	if s.udp, _ = u.(*net.UDPConn); s.udp == nil {
		return errors.Join(fmt.Errorf("registers over UDP: expected a socket of UDP, found %T", u), u.Close())
	}
	return nil
}

// behind is the address with the port behind another's.
func behind(a net.Addr) (string, error) {
	host, text, err := net.SplitHostPort(a.String())
	port, perr := strconv.Atoi(text)
	if err != nil || perr != nil || port == 65535 {
		return "", fmt.Errorf("streams: expected an address for them, as there is no port behind that of %s", a)
	}
	return net.JoinHostPort(host, strconv.Itoa(port+1)), nil
}

// Registers and Stream are where the server listens, and UDP where it does over that, empty where it does not.
func (s *Server) Registers() string { return s.registers.Addr().String() }

// Stream is where the server listens for the streams.
func (s *Server) Stream() string { return s.stream.Addr().String() }

// UDP is where the server listens for datagrams, empty where it does not.
func (s *Server) UDP() string {
	if s.udp == nil {
		return ""
	}
	return s.udp.LocalAddr().String()
}

// Stats are what the server has seen until now.
func (s *Server) Stats() Stats { return s.count.stats() }

// Close closes the ports of a server that is not run. Behind Run it does nothing.
func (s *Server) Close() error {
	var errs []error
	for _, c := range []interface{ Close() error }{s.registers, s.stream, s.udp} {
		switch c := c.(type) {
		case nil:
			continue
		case *net.UDPConn:
			if c == nil {
				continue
			}
		}
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
