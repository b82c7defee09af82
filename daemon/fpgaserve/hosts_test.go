package fpgaserve

import (
	"context"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// drawn are events that a host may send.
func drawn(n int) []events.Event {
	rng := rand.New(rand.NewPCG(3, 4))
	out := make([]events.Event, n)
	t := int64(1000)
	for i := range out {
		t += rng.Int64N(100)
		out[i] = events.Event{T: t, X: uint16(rng.IntN(36)), Y: uint16(rng.IntN(36)), P: events.Polarity(rng.IntN(2))}
	}
	return out
}

// afresh has a host configure the device and send events, and requires what a device that nobody has used before gives.
func afresh(t *testing.T, l *remote.Link, n int) {
	t.Helper()
	c := learner(t)
	here, err := fpga.NewDevice(fpga.DefaultBuild())
	require.NoError(t, err)
	prepare(t, here, c, func() {
		for !here.Idle() {
			here.Tick(fpga.In{})
		}
	})
	words, _ := stream(c, [][]events.Event{drawn(n)})
	var want []uint32
	require.NoError(t, fpga.Run(context.Background(), here, words, fpga.Flow{}, func(w uint32) { want = append(want, w) }))
	prepare(t, l, c, func() { settled(t, l) })
	require.Equal(t, want, through(t, l, words))
	settled(t, l)
	require.Equal(t, memory(t, here, hwfpga.WindowMaster, 2*16*121), memory(t, l, hwfpga.WindowMaster, 2*16*121))
	require.NoError(t, hwfpga.Complaint(l))
}

// raw connects to the streams by hand.
func raw(t *testing.T, s *serving) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", s.Stream())
	require.NoError(t, err)
	tcp, ok := c.(*net.TCPConn)
	require.True(t, ok)
	var b [4]byte
	_, err = io.ReadFull(c, b[:])
	require.NoError(t, err)
	require.Equal(t, remote.Welcome, binary.LittleEndian.Uint32(b[:]))
	return tcp
}

func bytesOf(words ...uint32) (b []byte) {
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func TestOneHostAtATime(t *testing.T) {
	s := serve(t, fpga.DefaultBuild(), Options{})
	first := dial(t, s.Registers(), remote.Options{})
	_, err := remote.Dial(context.Background(), s.Registers(), remote.Options{})
	require.ErrorIs(t, err, remote.ErrBusy)
	require.ErrorContains(t, err, "another host has its streams")
	afresh(t, first, 500)
	looks, err := remote.DialRegisters(context.Background(), s.Registers(), remote.Options{})
	require.NoError(t, err, "registers can be looked at")
	id, err := looks.Read(hwfpga.RegID)
	require.NoError(t, err)
	require.Equal(t, uint32(hwfpga.ID), id)
	require.NoError(t, looks.Close())
	require.NoError(t, first.Close())
	afresh(t, dial(t, s.Registers(), remote.Options{}), 500)
	require.Equal(t, uint64(1), s.Stats().Refused)
	require.Equal(t, uint64(2), s.Stats().Hosts)
}

// A host that goes in the middle leaves a device that the next one cannot tell from a fresh one: with results that nobody has
// taken, half of an event, or half of a word.
func TestHostsThatGo(t *testing.T) {
	s := serve(t, fpga.DefaultBuild(), Options{})
	c := learner(t)
	words, _ := stream(c, [][]events.Event{drawn(5000)})
	for name, end := range map[string][]byte{
		"between events": nil, "in an event": bytesOf(hwfpga.EventWord(3, 4, 1)), "in a word": {1, 2, 3}, "in a command": bytesOf(hwfpga.CommandWord),
	} {
		l := dial(t, s.Registers(), remote.Options{})
		prepare(t, l, c, func() { settled(t, l) })
		require.NoError(t, l.Send(words[:8000]), name)
		require.NoError(t, l.Close())

		again := raw(t, s)
		_, err := again.Write(append(bytesOf(words[:2000]...), end...))
		require.NoError(t, err)
		require.NoError(t, again.Close())
		next := dial(t, s.Registers(), remote.Options{})
		afresh(t, next, 1000)
		require.NoError(t, next.Close())
	}
	require.Positive(t, s.Stats().Discarded)
}

// One that closes its half is given all results of what it has sent, and then the end.
func TestHalfClosed(t *testing.T) {
	s := serve(t, fpga.DefaultBuild(), Options{})
	r, err := remote.DialRegisters(context.Background(), s.Registers(), remote.Options{})
	require.NoError(t, err)
	prepare(t, r, learner(t), func() { settled(t, r) })
	in := drawn(3000)
	words, _ := stream(learner(t), [][]events.Event{in})
	c := raw(t, s)
	_, err = c.Write(append(bytesOf(words...), bytesOf(hwfpga.EventWord(1, 1, 1))...))
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Len(t, b, 4*(len(in)+1))
	require.NoError(t, c.Close())
	require.Equal(t, uint64(1), s.Stats().Discarded, "half of an event")

	// Words for a device that takes none, as it is not configured, do not keep the streams for ever.
	require.NoError(t, r.Write(hwfpga.RegMode, 9))
	require.NoError(t, r.Write(hwfpga.RegControl, hwfpga.ControlApply))
	c = raw(t, s)
	_, err = c.Write(bytesOf(words[:50]...))
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	b, err = io.ReadAll(c)
	require.NoError(t, err)
	require.Empty(t, b)
	require.NoError(t, c.Close())
	require.NoError(t, r.Close())
	require.Equal(t, uint64(51), s.Stats().Discarded)
}

// A host that takes no results stops the device: words are taken up to a bound, registers still answer, and when it
// takes them again nothing is missing.
func TestBackPressure(t *testing.T) {
	s := serve(t, fpga.DefaultBuild(), Options{})
	r, err := remote.DialRegisters(context.Background(), s.Registers(), remote.Options{})
	require.NoError(t, err)
	c := learner(t)
	prepare(t, r, c, func() { settled(t, r) })
	conn := raw(t, s)
	require.NoError(t, conn.SetWriteBuffer(1<<16))
	require.NoError(t, conn.SetReadBuffer(1<<16))
	// Events outside the sensor cost two cycles each, so that all buffers fill up soon.
	words := make([]byte, 0, 1<<18)
	for range 1 << 16 {
		words = append(words, bytesOf(hwfpga.EventWord(900, 900, 1)|hwfpga.NoTime)...)
	}
	sent := 0
	for {
		require.NoError(t, conn.SetWriteDeadline(time.Now().Add(300*time.Millisecond)))
		n, err := conn.Write(words[sent%4:])
		sent += n
		if err != nil {
			require.ErrorContains(t, err, "timeout")
			break
		}
		require.Less(t, sent, 1<<29, "somebody takes words without end")
	}
	status, err := r.Read(hwfpga.RegStatus)
	require.NoError(t, err)
	require.Zero(t, status&(hwfpga.StatusError|hwfpga.StatusOverflowIn|hwfpga.StatusOverflowOut))
	whole := sent / 4
	require.LessOrEqual(t, s.Stats().WordsIn, uint64(whole))
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
	if sent%4 > 0 {
		require.NoError(t, conn.SetWriteDeadline(time.Time{}))
		done := make(chan error, 1)
		go func() {
			_, err := conn.Write(words[sent%4 : 4])
			done <- err
		}()
		defer func() { require.NoError(t, <-done) }()
		whole++
	}
	b := make([]byte, 4*whole)
	_, err = io.ReadFull(conn, b)
	require.NoError(t, err)
	for i := range whole {
		require.Equal(t, hwfpga.ResultWord(uint16(i), hw.Outside), binary.LittleEndian.Uint32(b[4*i:]), "event %d", i)
	}
	require.NoError(t, conn.Close())
	require.NoError(t, r.Close())
}

// Garbage on the registers' port ends that connexion alone; on the streams' it is words, which do not outlast their host.
func TestGarbage(t *testing.T) {
	s := serve(t, fpga.DefaultBuild(), Options{UDP: "127.0.0.1:0"})
	rng := rand.New(rand.NewChaCha8([32]byte{5}))
	garbage := make([]byte, 1<<14)
	for range 20 {
		for i := range garbage {
			garbage[i] = byte(rng.Uint32())
		}
		c, err := net.Dial("tcp", s.Registers())
		require.NoError(t, err)
		_, _ = c.Write(garbage)
		_, _ = io.Copy(io.Discard, c) // until the server closes it
		require.NoError(t, c.Close())
		u, err := net.Dial("udp", s.UDP())
		require.NoError(t, err)
		_, err = u.Write(garbage[:rng.IntN(1400)])
		require.NoError(t, err)
		require.NoError(t, u.Close())
		streams := raw(t, s)
		_, err = streams.Write(garbage)
		require.NoError(t, err)
		require.NoError(t, streams.Close())
	}
	l := dial(t, s.Registers(), remote.Options{})
	afresh(t, l, 500)
	require.GreaterOrEqual(t, s.Stats().Rejected, uint64(20))
}

// A server that is told to stop does, whatever is under way.
func TestStops(t *testing.T) {
	s := serve(t, fpga.DefaultBuild(), Options{UDP: "127.0.0.1:0"})
	l := dial(t, s.Registers(), remote.Options{})
	prepare(t, l, learner(t), func() { settled(t, l) })
	words, _ := stream(learner(t), [][]events.Event{drawn(5000)})
	require.NoError(t, l.Send(words[:9000]))
	s.stop()
	for {
		if _, err := l.Receive(make([]uint32, 1000)); err != nil {
			require.NotErrorIs(t, err, hwfpga.ErrTimeout)
			break
		}
	}
	_, err := l.Read(hwfpga.RegStatus)
	require.Error(t, err)
}
