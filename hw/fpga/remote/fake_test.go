package remote

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/etherbone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// registers is a device's side of the registers: the build, and a window onto a memory of rows of 8 words, of which the
// places count the columns in their low bits and the rows from bit 16 on, as hw/fpga's do.
type registers struct {
	mu     sync.Mutex
	base   uint32
	others map[uint32]uint32
	memory [4 * 8]uint32
	window uint32
	place  uint32
	litex  bool // all records' words go to addresses that rise
	writes int
}

func newRegisters() *registers {
	return &registers{others: map[uint32]uint32{
		fpga.RegID: fpga.ID, fpga.RegVersion: fpga.Version, fpga.RegRows: 11, fpga.RegLanes: 176, fpga.RegNeurons: 64,
		fpga.RegCells: 4096, fpga.RegIn: 512, fpga.RegOut: 512,
	}}
}

func (r *registers) cell() *uint32 { return &r.memory[(r.place>>16%4)*8+r.place%8] }

func (r *registers) next() {
	if r.place++; r.place%8 == 0 {
		r.place = (r.place>>16 + 1) % 4 << 16
	}
}

func (r *registers) Read(address uint32) (uint32, error) {
	switch address -= r.base; address {
	case fpga.RegWindow:
		return r.window, nil
	case fpga.RegPlace:
		return r.place, nil
	case fpga.RegData:
		defer r.next()
		return *r.cell(), nil
	}
	return r.others[address], nil
}

func (r *registers) Write(address, value uint32) error {
	r.writes++
	switch address -= r.base; address {
	case fpga.RegWindow:
		r.window, r.place = value, 0
	case fpga.RegPlace:
		r.place = value
	case fpga.RegData:
		*r.cell() = value
		r.next()
	default:
		r.others[address] = value
	}
	return nil
}

func (r *registers) handle(record *etherbone.Record, values []uint32) ([]uint32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.litex {
		record.Flags &^= etherbone.WriteFIFO
	}
	return etherbone.Execute(r, record, values)
}

// fake is a device's end: registers over TCP and UDP, and a listener for the streams.
type fake struct {
	*registers
	tcp, stream net.Listener
	udp         *net.UDPConn
	all         sync.WaitGroup
	lose        func() bool // tells whether a datagram is lost
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{registers: newRegisters(), lose: func() bool { return false }}
	var err error
	f.tcp, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f.stream, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f.udp, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	require.NoError(t, err)
	f.all.Go(func() {
		for {
			c, err := f.tcp.Accept()
			if err != nil {
				return
			}
			f.all.Go(func() {
				_ = etherbone.ServeStream(c, f.handle)
				_ = c.Close()
			})
		}
	})
	f.all.Go(func() {
		_ = etherbone.ServeDatagrams(f.udp, func(r *etherbone.Record, values []uint32) ([]uint32, error) {
			if f.loses() {
				return values, errLost
			}
			values, err := f.handle(r, values)
			if err == nil && f.loses() {
				return values, errLost // which was executed
			}
			return values, err
		}, nil)
	})
	t.Cleanup(func() {
		require.NoError(t, errors.Join(f.tcp.Close(), f.stream.Close(), f.udp.Close()))
		f.all.Wait()
	})
	return f
}

// change changes what the device's end does.
func (f *fake) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fake) loses() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lose()
}

var errLost = errors.New("lost")

// serve lets the streams' end of the next connexion be played.
func (f *fake) serve(play func(c *net.TCPConn)) {
	f.all.Go(func() {
		c, err := f.stream.Accept()
		if err != nil {
			return
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			play(tcp)
		}
		_ = c.Close()
	})
}

func words(w ...uint32) (b []byte) {
	for _, v := range w {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// drain reads until the other end closes.
func drain(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }
