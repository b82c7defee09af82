package fpgaserve

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw/fpga/etherbone"
)

// handler has records executed by the owner of the device. It is used by one goroutine.
func (s *Server) handler(ctx context.Context) etherbone.Handler {
	r := &request{done: make(chan struct{}, 1)}
	return func(record *etherbone.Record, values []uint32) ([]uint32, error) {
		*r = request{record: record, values: values, done: r.done}
		select {
		case s.requests <- r:
		case <-ctx.Done():
			return values, ctx.Err()
		}
		<-r.done // which the owner gives at once
		return r.values, r.err
	}
}

// serveRegisters serves one connexion to the registers.
func (s *Server) serveRegisters(ctx context.Context, c net.Conn) {
	s.count.connexions.Add(1)
	log := s.log.With(keyRemote, c.RemoteAddr().String())
	log.Debug("a host has connected to the registers")
	err := etherbone.ServeStream(c, s.handler(ctx))
	switch _, garbage := errors.AsType[*events.FormatError](err); {
	case ctx.Err() != nil || err == nil:
		log.Debug("a host has left the registers")
	case garbage:
		s.count.broken.Add(1)
		log.Warn("a connexion to the registers was closed for what was sent over it", keyError, err)
	default:
		log.Info("a connexion to the registers has ended", keyError, err)
	}
}

// serveUDP serves the registers over UDP.
func (s *Server) serveUDP(ctx context.Context) error {
	err := etherbone.ServeDatagrams(s.udp, s.handler(ctx), func(from netip.AddrPort, err error) {
		s.count.broken.Add(1)
		s.log.Debug("a datagram was passed over", keyRemote, from.String(), keyError, err)
	})
	if ctx.Err() == nil {
		return err
	}
	return nil // the socket was closed because the server stops
}
