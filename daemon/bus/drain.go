package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// drainPoll is how often the server's queues are looked at during a shutdown.
const drainPoll = 2 * time.Millisecond

// drain waits until what the server held for each client when it was called has been
// written to the client's socket.
//
// nats-server has no call for that (lame duck mode, its own way of leaving, closes
// clients one by one after a fixed time, whatever waits for them), but it tells for
// each connection the bytes that wait and the bytes of messages that were ever
// queued. A client's queue is first in, first out; so the old bytes are gone when
// all that waits was queued since, and that is so when no more waits than the
// messages queued since amount to. A client for whom others publish all the time
// thus holds up nothing.
func (s *Server) drain(ctx context.Context) error {
	waiting := map[uint64]int64{} // message bytes ever queued at the start, by client
	for c := range s.connections() {
		waiting[c.Cid] = c.OutBytes
	}
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for {
		var bytes, clients int
		for c := range s.connections() {
			before, ok := waiting[c.Cid]
			if !ok {
				continue // drained, or came later
			}
			if int64(c.Pending) <= c.OutBytes-before {
				delete(waiting, c.Cid)
				continue
			}
			bytes += c.Pending
			clients++
		}
		if clients == 0 { // those that remain in the map have left
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("embedded NATS server: %d bytes for clients (%d of them) were not written out: %w", bytes, clients, ctx.Err())
		}
	}
}

// leaveTime is how long clients have, once everything is in their sockets, to read
// it. They need milliseconds unless they are at their limit.
const leaveTime = 250 * time.Millisecond

// leave announces the end to the clients, as lame duck mode does, and gives them
// time to read what was written. It returns when none is left.
//
// That it was written to the socket is enough for a client that only reads. One that
// publishes on the same connection meets a closed socket while it may not have read
// all of it, and then the kernel, or its library, throws the rest away: without
// this pause such a subscriber was seen to lose up to a fifth of 10,000 messages.
func (s *Server) leave(ctx context.Context) {
	for c := range s.connections() {
		_ = s.ns.LDMClientByID(c.Cid) // it may have left by now, or know of no such thing
	}
	end := time.NewTimer(leaveTime)
	defer end.Stop()
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for s.reachable() {
		select {
		case <-tick.C:
		case <-end.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// reachable tells whether anyone is connected over a network. What is written to a
// connection within the process has been read, and that has no port.
func (s *Server) reachable() bool {
	for c := range s.connections() {
		if c.Port != 0 {
			return true
		}
	}
	return false
}

// connections gives the server's clients.
func (s *Server) connections() func(yield func(*server.ConnInfo) bool) {
	return func(yield func(*server.ConnInfo) bool) {
		// The limit is what a page holds; clients that come in between are no loss.
		z, err := s.ns.Connz(&server.ConnzOptions{Limit: s.ns.NumClients() + s.ns.NumLeafNodes() + 1})
		if err != nil {
			panic("bus: the NATS server does not know its own options: " + err.Error())
		}
		for _, c := range z.Conns {
			if !yield(c) {
				return
			}
		}
	}
}
