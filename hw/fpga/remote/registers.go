package remote

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/etherbone"
)

// Registers are those of a device at the other end of a network. They are used by one goroutine at a time; Close may be
// called by another, and ends what waits.
type Registers struct {
	options Options
	client  interface {
		Exchange(records []etherbone.Record, values []uint32) error
		Close() error
	}
	datagrams bool
	unsure    bool // something was written that nobody has answered for
	asked     bool // whether the other end heeds fifo
	fifo      bool

	records   []etherbone.Record
	addresses []uint32 // that are all the same, for records that read one
	one       [1]uint32
	written   [1]uint32 // not that: writing may have to read first
}

var (
	_ fpga.BulkBus = (*Registers)(nil)
	_ fpga.ListBus = (*Registers)(nil)
)

// DialRegisters connects to the registers of a device, without its streams: to look at one that another host uses. The
// context bounds connecting alone.
func DialRegisters(ctx context.Context, address string, o Options) (*Registers, error) {
	o, err := o.complete(address)
	if err != nil {
		return nil, fmt.Errorf("fpga@%s: %w", address, err)
	}
	r, err := dialRegisters(ctx, address, o)
	if err != nil {
		return nil, fmt.Errorf("fpga@%s: registers: %w", address, err)
	}
	return r, nil
}

func dialRegisters(ctx context.Context, address string, o Options) (*Registers, error) {
	c, err := dial(ctx, o.Network, address, o.Timeout)
	if err == nil && o.Network == "udp" {
		c, err = fromPort(ctx, c, o)
	}
	if err != nil {
		return nil, err
	}
	r := &Registers{options: o}
	if u, ok := c.(*net.UDPConn); ok {
		r.datagrams = true
		r.client = etherbone.NewDatagrams(u, max(o.Timeout/time.Duration(o.Tries), time.Millisecond), o.Tries)
	} else {
		r.client = etherbone.NewStream(c, o.Timeout)
	}
	return r, nil
}

// fromPort gives a socket like c that sends from the port that the options ask for.
func fromPort(ctx context.Context, c net.Conn, o Options) (net.Conn, error) {
	to, ok := c.RemoteAddr().(*net.UDPAddr)
	from := o.From
	if ok && from == 0 && !to.IP.IsLoopback() {
		from = to.Port
	}
	if from == 0 {
		return c, nil
	}
	if err := c.Close(); err != nil {
		return nil, err
	}
	d := net.Dialer{LocalAddr: &net.UDPAddr{Port: from}}
	return d.DialContext(ctx, "udp", to.String())
}

func dial(ctx context.Context, network, address string, timeout time.Duration) (net.Conn, error) {
	d := net.Dialer{Timeout: timeout, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: timeout, Interval: timeout, Count: 3}}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, late(err, timeout)
	}
	return c, nil
}

// Read implements [fpga.Bus].
func (r *Registers) Read(address uint32) (uint32, error) {
	err := r.ReadAt(address, r.one[:])
	return r.one[0], err
}

// Write implements [fpga.Bus].
func (r *Registers) Write(address, value uint32) error {
	r.written[0] = value
	return r.WriteAt(address, r.written[:])
}

// ReadList implements [fpga.ListBus].
func (r *Registers) ReadList(addresses, values []uint32) error {
	r.records = r.records[:0]
	for n := r.most(); len(addresses) > 0; {
		some := addresses[:min(n, len(addresses))]
		addresses = addresses[len(some):]
		at := make([]uint32, len(some))
		for i, a := range some {
			at[i] = r.options.Base + a
		}
		r.records = append(r.records, etherbone.Record{Reads: at})
	}
	return r.exchange(values)
}

// most is how many words a record writes or reads at the most.
func (r *Registers) most() int { return min(r.options.Burst-1, etherbone.MaxWords) }

// exchange executes the records. What reads is answered, and with it all that was written before.
func (r *Registers) exchange(values []uint32) error {
	if err := r.client.Exchange(r.records, values); err != nil {
		return fmt.Errorf("fpga: registers: %w", err)
	}
	for i := range r.records {
		r.unsure = len(r.records[i].Reads) == 0
	}
	return nil
}

// Settle returns when all that was written to registers has been done.
func (r *Registers) Settle() error {
	if !r.unsure {
		return nil
	}
	_, err := r.Read(fpga.RegID)
	return err
}

// Close closes the connexion.
func (r *Registers) Close() error { return r.client.Close() }
