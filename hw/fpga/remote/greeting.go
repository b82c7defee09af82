package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// What the device's end of the streams says first: words that no result and no mark has.
const (
	Welcome uint32 = 0xffff<<16 | 0x8002 // the streams are this connexion's
	Busy    uint32 = 0xffff<<16 | 0x8001 // they are another's
)

// ErrBusy is what [Dial] returns where another host has the device.
var ErrBusy = errors.New("fpga: the device is busy: another host has its streams")

// greeted waits until the device's end has said that the streams are this connexion's.
func greeted(c net.Conn, timeout time.Duration) error {
	if err := c.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	var b [4]byte
	n, err := io.ReadFull(c, b[:])
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("expected a word of greeting, found the end of the stream behind %d bytes of it", n)
	case err != nil:
		return late(err, timeout)
	}
	switch w := binary.LittleEndian.Uint32(b[:]); w {
	case Welcome:
		return nil
	case Busy:
		return ErrBusy
	default:
		return fmt.Errorf("expected a word of greeting, %#08x, found %#08x: is this the port of the streams?", Welcome, w)
	}
}

// late is the error of one who has waited for the other end for too long.
func late(err error, timeout time.Duration) error {
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return fmt.Errorf("nothing within %v: %w", timeout, fpga.ErrTimeout)
	}
	return err
}
