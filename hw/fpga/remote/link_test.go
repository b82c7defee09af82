package remote

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// options are those of a fake.
func (f *fake) options(o Options) Options {
	o.Stream = f.stream.Addr().String()
	return o
}

func (f *fake) dial(t *testing.T, o Options, play func(c *net.TCPConn)) *Link {
	t.Helper()
	f.serve(func(c *net.TCPConn) {
		_, _ = c.Write(words(Welcome))
		play(c)
	})
	l, err := Dial(context.Background(), f.tcp.Addr().String(), f.options(o))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// Words arrive as they were sent, whatever pieces they come in.
func TestWords(t *testing.T) {
	f := newFake(t)
	l := f.dial(t, Options{Window: 8}, func(c *net.TCPConn) {
		b := make([]byte, 12)
		_, _ = io.ReadFull(c, b)
		for i := range b { // each byte on its own
			_, _ = c.Write(b[i : i+1])
		}
		_, _ = c.Write(words(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
		drain(c)
	})
	require.Equal(t, 8, l.Window())
	require.Equal(t, 4096, l.Capabilities().Cells)
	require.NoError(t, l.Send([]uint32{0x01020304, 0xffeeddcc, 7}))
	n, err := l.Receive(nil)
	require.NoError(t, err)
	require.Zero(t, n)
	var got []uint32
	buffer := make([]uint32, 5)
	for len(got) < 14 {
		n, err := l.Receive(buffer)
		require.NoError(t, err)
		require.Positive(t, n)
		got = append(got, buffer[:n]...)
	}
	require.Equal(t, []uint32{0x01020304, 0xffeeddcc, 7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, got)
}

// Events that are sent behind a write find it done.
func TestSendWaitsForWrites(t *testing.T) {
	f := newFake(t)
	seen := make(chan int, 2)
	l := f.dial(t, Options{}, func(c *net.TCPConn) {
		for range 2 {
			_, _ = io.ReadFull(c, make([]byte, 4))
			f.mu.Lock()
			seen <- f.writes
			f.mu.Unlock()
		}
		drain(c)
	})
	for range 10 {
		require.NoError(t, l.Write(fpga.RegEta, 5))
	}
	require.NoError(t, l.Send([]uint32{1}))
	require.Equal(t, 10, <-seen)
	require.NoError(t, l.Send([]uint32{1}))
	require.Equal(t, 10, <-seen)
}

func TestSilence(t *testing.T) {
	f := newFake(t)
	late := make(chan struct{})
	l := f.dial(t, Options{Timeout: 300 * time.Millisecond}, func(c *net.TCPConn) {
		_, _ = c.Write([]byte{1, 0})
		<-late
		_, _ = c.Write([]byte{2, 0, 3})
		_ = c.CloseWrite()
		drain(c)
	})
	got := make([]uint32, 4)
	_, err := l.Receive(got)
	require.ErrorIs(t, err, fpga.ErrTimeout, "half of a word is none")
	close(late)
	n, err := l.Receive(got)
	for errors.Is(err, fpga.ErrTimeout) {
		n, err = l.Receive(got) // on a machine that has much to do
	}
	require.NoError(t, err)
	require.Equal(t, []uint32{0x00020001}, got[:n], "what came late has come nevertheless")
	_, err = l.Receive(got)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "the device's end has closed it")
	_, again := l.Receive(got)
	require.Equal(t, err, again)
	require.Equal(t, err, l.Send([]uint32{1}), "streams that are lost are lost")
	_, err = l.Read(fpga.RegID)
	require.NoError(t, err, "registers are another connexion")
}

// A device that takes no words lets sending time out, once the systems' buffers are full.
func TestNobodyTakesWords(t *testing.T) {
	f := newFake(t)
	stop := make(chan struct{})
	l := f.dial(t, Options{Timeout: 300 * time.Millisecond}, func(*net.TCPConn) { <-stop })
	many := make([]uint32, 1<<16)
	err := error(nil)
	for range 1000 {
		if err = l.Send(many); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, fpga.ErrTimeout)
	require.Equal(t, err, l.Send(many[:1]))
	close(stop)
}

func TestDialSaysWhatIsWrong(t *testing.T) {
	ctx := context.Background()
	for name, try := range map[string]struct {
		play func(c *net.TCPConn)
		want string
		is   error

		timeout time.Duration
	}{
		"busy":           {func(c *net.TCPConn) { _, _ = c.Write(words(Busy)) }, "another host has its streams", ErrBusy, 0},
		"no greeting":    {func(*net.TCPConn) {}, "found the end of the stream behind 0 bytes", nil, 0},
		"half of one":    {func(c *net.TCPConn) { _, _ = c.Write([]byte{2, 0x80}) }, "behind 2 bytes", nil, 0},
		"something else": {func(c *net.TCPConn) { _, _ = c.Write([]byte("HTTP/1.1 400")) }, "found 0x50545448: is this the port of the streams?", nil, 0},
		"silence":        {drain, "nothing within 400ms", fpga.ErrTimeout, 400 * time.Millisecond},
	} {
		f := newFake(t)
		f.serve(try.play)
		_, err := Dial(ctx, f.tcp.Addr().String(), f.options(Options{Timeout: try.timeout}))
		require.ErrorContains(t, err, try.want, name)
		require.ErrorContains(t, err, "fpga@127.0.0.1:", name)
		if try.is != nil {
			require.ErrorIs(t, err, try.is, name)
		}
	}

	f := newFake(t)
	f.change(func() { f.others[fpga.RegID] = 7 })
	_, err := Dial(ctx, f.tcp.Addr().String(), f.options(Options{}))
	require.ErrorContains(t, err, "identification: expected 0x44414353, found 0x7")

	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	_, err = Dial(ctx, gone.Addr().String(), Options{})
	require.ErrorContains(t, err, "registers: ")
	_, err = DialRegisters(ctx, gone.Addr().String(), Options{})
	require.ErrorContains(t, err, "registers: ")
	f = newFake(t)
	_, err = Dial(ctx, f.tcp.Addr().String(), Options{Stream: gone.Addr().String()})
	require.ErrorContains(t, err, "streams: ")
	_, err = Dial(ctx, "here", Options{})
	require.ErrorContains(t, err, "expected HOST:PORT")
	_, err = DialRegisters(ctx, "here", Options{})
	require.ErrorContains(t, err, "expected HOST:PORT")
}

// The context ends connecting, whatever it waits for.
func TestDialHonoursItsContext(t *testing.T) {
	f := newFake(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	f.serve(func(c *net.TCPConn) {
		cancel(nil)
		drain(c)
	})
	_, err := Dial(ctx, f.tcp.Addr().String(), f.options(Options{Timeout: time.Hour}))
	require.ErrorIs(t, err, context.Canceled)
	_, err = Dial(ctx, f.tcp.Addr().String(), f.options(Options{}))
	require.ErrorIs(t, err, context.Canceled)
}

// Close from elsewhere ends a call that waits.
func TestCloseEndsWaiting(t *testing.T) {
	f := newFake(t)
	l := f.dial(t, Options{Timeout: time.Hour}, drain)
	ended := make(chan error, 1)
	go func() {
		_, err := l.Receive(make([]uint32, 1))
		ended <- err
	}()
	require.NoError(t, l.Close())
	require.ErrorIs(t, <-ended, net.ErrClosed)
	require.NoError(t, l.Close(), "once more")
	_, err := l.Read(fpga.RegID)
	require.ErrorIs(t, err, net.ErrClosed)
}
