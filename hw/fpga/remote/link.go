package remote

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// Link is a device at the other end of a network. It is used by one goroutine at a time; Close may be called by another,
// and ends what waits.
type Link struct {
	*Registers
	capabilities fpga.Capabilities
	stream       net.Conn
	broken       error // of the streams

	bytes []byte
	kept  []byte // of a word that has not come whole
	room  []byte
}

var _ fpga.Link = (*Link)(nil)

// Dial connects to the registers and the streams of a device, and asks who it is. The context bounds that alone. A
// device that another host has is [ErrBusy], at once or when its end has made sure that the other is still there.
func Dial(ctx context.Context, address string, o Options) (*Link, error) {
	o, err := o.complete(address)
	if err != nil {
		return nil, fmt.Errorf("fpga@%s: %w", address, err)
	}
	r, err := dialRegisters(ctx, address, o)
	if err != nil {
		return nil, fmt.Errorf("fpga@%s: registers: %w", address, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = r.Close() })
	l := &Link{Registers: r, bytes: make([]byte, 0, 4*o.Window), room: make([]byte, 4*o.Window)}
	err = l.connect(ctx)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = l.Close() // what went wrong says more
		if cause := ctx.Err(); cause != nil {
			err = cause
		}
		return nil, fmt.Errorf("fpga@%s: %w", address, err)
	}
	return l, nil
}

func (l *Link) connect(ctx context.Context) (err error) {
	if l.capabilities, err = fpga.ReadCapabilities(l.Registers); err != nil {
		return err
	}
	stream, err := dial(ctx, "tcp", l.options.Stream, l.options.Timeout)
	if err != nil {
		return fmt.Errorf("streams: %w", err)
	}
	l.stream = stream
	stop := context.AfterFunc(ctx, func() { _ = stream.Close() })
	defer stop()
	if err := greeted(stream, l.options.Timeout); err != nil {
		return fmt.Errorf("streams at %s: %w", l.options.Stream, err)
	}
	return nil
}

// Capabilities are what the device said of itself when it was dialled.
func (l *Link) Capabilities() fpga.Capabilities { return l.capabilities }

// Window implements [fpga.Link].
func (l *Link) Window() int { return l.options.Window }

// Send implements [fpga.Link].
func (l *Link) Send(words []uint32) error {
	if l.broken != nil {
		return l.broken
	}
	if err := l.Settle(); err != nil {
		return err
	}
	l.bytes = l.bytes[:0]
	for _, w := range words {
		l.bytes = binary.LittleEndian.AppendUint32(l.bytes, w)
	}
	if err := l.stream.SetWriteDeadline(time.Now().Add(l.options.Timeout)); err != nil {
		return l.breaks("sending", err)
	}
	if _, err := l.stream.Write(l.bytes); err != nil {
		return l.breaks("sending", late(err, l.options.Timeout))
	}
	return nil
}

// Receive implements [fpga.Link].
func (l *Link) Receive(words []uint32) (n int, err error) {
	if len(words) == 0 || l.broken != nil {
		return 0, l.broken
	}
	if err := l.stream.SetReadDeadline(time.Now().Add(l.options.Timeout)); err != nil {
		return 0, l.breaks("receiving", err)
	}
	room := l.room[:min(len(l.room), 4*len(words))]
	have := copy(room, l.kept)
	for have < 4 {
		more, err := l.stream.Read(room[have:])
		have += more
		if err != nil && have < 4 {
			l.kept = append(l.kept[:0], room[:have]...)
			switch err = late(err, l.options.Timeout); {
			case errors.Is(err, fpga.ErrTimeout):
				return 0, fmt.Errorf("fpga: receiving: %w", err) // and it may come yet
			case errors.Is(err, io.EOF):
				err = fmt.Errorf("expected results, found the end of the stream: the device's end has closed it: %w", io.ErrUnexpectedEOF)
			}
			return 0, l.breaks("receiving", err)
		}
	}
	n = have / 4
	for i := range n {
		words[i] = binary.LittleEndian.Uint32(room[4*i:])
	}
	l.kept = append(l.kept[:0], room[4*n:have]...)
	return n, nil
}

// breaks keeps the error that has ended the streams.
func (l *Link) breaks(doing string, err error) error {
	l.broken = fmt.Errorf("fpga: %s: %w", doing, err)
	return l.broken
}

// Close implements [fpga.Link].
func (l *Link) Close() error {
	var err error
	if l.stream != nil {
		err = l.stream.Close()
	}
	if err = errors.Join(err, l.Registers.Close()); errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
