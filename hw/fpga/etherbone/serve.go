package etherbone

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/netip"
)

// ServeStream answers the packets of a stream, one behind the other, until it ends. Answers are sent when no packet
// waits, so that a client may send many ahead. A stream that ends between packets is no error.
func ServeStream(c io.ReadWriter, h Handler) error {
	in := bufio.NewReaderSize(c, 4*maxOnStream)
	out := bufio.NewWriterSize(c, 4*maxOnStream)
	from := &streamReader{from: in}
	var p, a Packet
	var bytes []byte
	for {
		switch err := from.next(&p); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := p.answer(h, &a); err != nil {
			return err
		}
		if !a.empty() {
			bytes = a.appendOnStream(bytes[:0])
			if _, err := out.Write(bytes); err != nil {
				return err
			}
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

// ServeDatagrams answers packets to whoever sent them, until the socket is closed. What is no packet, or asks for what
// is not served, gets no answer; rejected is told, where it is not nil. Nothing is answered with more bytes than came.
func ServeDatagrams(c *net.UDPConn, h Handler, rejected func(from netip.AddrPort, err error)) error {
	buffer := make([]byte, MaxPacket+1)
	var p, a Packet
	var bytes []byte
	for {
		n, from, err := c.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return err
		}
		err = p.Decode(buffer[:n])
		if err == nil {
			err = p.answer(h, &a)
		}
		if err == nil && !a.empty() {
			bytes = a.Append(bytes[:0])
			_, err = c.WriteToUDPAddrPort(bytes, from)
		}
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil && rejected != nil {
			rejected(from, err)
		}
	}
}
