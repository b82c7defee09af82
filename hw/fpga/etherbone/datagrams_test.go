package etherbone

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// sockets gives a pair of them on this machine: the second is connected to the first.
func sockets(t *testing.T) (server, client *net.UDPConn) {
	t.Helper()
	server, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	require.NoError(t, err)
	to, ok := server.LocalAddr().(*net.UDPAddr)
	require.True(t, ok)
	client, err = net.DialUDP("udp4", nil, to)
	require.NoError(t, err)
	return server, client
}

func TestDatagrams(t *testing.T) {
	m := newMemory()
	server, client := sockets(t)
	var wrong []error
	var serving sync.WaitGroup
	serving.Go(func() {
		require.NoError(t, ServeDatagrams(server, handler(m), func(_ netip.AddrPort, err error) { wrong = append(wrong, err) }))
	})
	d := NewDatagrams(client, time.Minute, 1)
	require.NoError(t, d.Probe())
	got := make([]uint32, 3)
	require.NoError(t, d.Exchange([]Record{
		{WriteBase: 0x94, Writes: []uint32{1, 2}, Reads: []uint32{0x98}},
		{Flags: WriteFIFO, WriteBase: 0x94, Writes: []uint32{3, 4}, Reads: []uint32{0x94, 0x98}},
	}, got))
	require.Equal(t, []uint32{2, 4, 2}, got)
	_, err := client.Write([]byte("what is this?"))
	require.NoError(t, err)
	require.NoError(t, d.Exchange([]Record{{Reads: []uint32{0x94}}}, got[:1]))
	require.Zero(t, d.Repeats()+d.Stray())
	require.NoError(t, server.Close())
	serving.Wait()
	require.Len(t, wrong, 1)
	require.ErrorContains(t, wrong[0], "etherbone at byte 0: expected 0x4e6f")
	require.NoError(t, d.Close())
}

// network is a server behind a network that loses requests and answers, repeats them, and gives old answers once more.
func network(server *net.UDPConn, m *memory, rng *rand.Rand) {
	var p, a Packet
	var old []byte
	buffer := make([]byte, 1<<16)
	for {
		n, from, err := server.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		if rng.IntN(4) == 0 {
			continue // the request is lost
		}
		for range 1 + rng.IntN(2) {
			if p.Decode(buffer[:n]) != nil || p.answer(handler(m), &a) != nil {
				continue
			}
			if old != nil && rng.IntN(2) == 0 {
				_, _ = server.WriteToUDPAddrPort(old, from)
			}
			answer := a.Append(nil)
			if rng.IntN(4) > 0 {
				_, _ = server.WriteToUDPAddrPort(answer, from)
			}
			old = answer
		}
	}
}

// Over a bad network, every record that says all it depends on does what it says, and values are those of their own record.
func TestDatagramsAreRepeated(t *testing.T) {
	server, client := sockets(t)
	m := newMemory()
	var serving sync.WaitGroup
	serving.Go(func() { network(server, m, rand.New(rand.NewPCG(1, 2))) })
	d := NewDatagrams(client, 2*time.Millisecond, 100)
	for i := range uint32(200) {
		got := make([]uint32, 2)
		require.NoError(t, d.Exchange([]Record{{WriteBase: 0x100 + 4*i, Writes: []uint32{i}, Reads: []uint32{0x100 + 4*i, 0x100}}}, got))
		require.Equal(t, []uint32{i, 0}, got)
	}
	require.Greater(t, d.Repeats(), uint64(50), "or nothing was lost")
	require.Greater(t, d.Stray(), uint64(50), "or nothing was repeated")
	require.NoError(t, server.Close())
	serving.Wait()
	require.NoError(t, d.Close())
}

func TestDatagramsTimeOut(t *testing.T) {
	server, client := sockets(t)
	d := NewDatagrams(client, time.Millisecond, 3)
	err := d.Exchange([]Record{{Reads: []uint32{4}}}, make([]uint32, 1))
	require.ErrorIs(t, err, fpga.ErrTimeout)
	require.ErrorContains(t, err, "no answer to any of 3 tries, 1ms each")
	require.Equal(t, uint64(2), d.Repeats())
	require.ErrorIs(t, d.Probe(), fpga.ErrTimeout)
	require.NoError(t, server.Close())
	require.ErrorIs(t, d.Exchange([]Record{{Reads: []uint32{4}}}, make([]uint32, 1)), fpga.ErrTimeout, "nobody listens any more")
	require.NoError(t, d.Close())
	require.ErrorIs(t, d.Exchange([]Record{{Reads: []uint32{4}}}, make([]uint32, 1)), net.ErrClosed)
	require.ErrorIs(t, d.Probe(), net.ErrClosed)
}

// FuzzAnswer: whatever a packet asks for, it is answered with no more bytes than it has, or refused.
func FuzzAnswer(f *testing.F) {
	f.Add((&Packet{Records: []Record{{WriteBase: 8, Writes: []uint32{1, 2}, Return: 3, Reads: []uint32{8, 12}}, {Reads: []uint32{4}}}}).Append(nil))
	f.Add((&Packet{Flags: Probe, Payload: make([]byte, 8)}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, a, back Packet
		if p.Decode(b) != nil || p.answer(handler(newMemory()), &a) != nil || a.empty() {
			return
		}
		out := a.Append(nil)
		require.LessOrEqual(t, len(out), len(b))
		require.NoError(t, back.Decode(out))
	})
}
