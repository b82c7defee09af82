package pipeline

import (
	"encoding"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// A decoder's part of a state: length of the encoding's name u8 | the name | what the
// decoder carries from message to message, in the decoder's own layout; nothing where it
// carries nothing. The part is empty where no message has come.

// decoderState takes that part.
func (p *Pipeline) decoderState() ([]byte, error) {
	if p.decoder == nil {
		return nil, nil
	}
	if len(p.encoding) > math.MaxUint8 {
		return nil, fmt.Errorf("encoding: expected a name of at most %d bytes, found %q", math.MaxUint8, p.encoding)
	}
	b := append([]byte{byte(len(p.encoding))}, p.encoding...)
	d, ok := p.decoder.(encoding.BinaryMarshaler)
	if !ok {
		return b, nil
	}
	carried, err := d.MarshalBinary()
	return append(b, carried...), err
}

// restoreDecoder puts that part back.
func (p *Pipeline) restoreDecoder(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	n := 1 + int(b[0])
	if len(b) < n {
		return fmt.Errorf("decoder: expected an encoding's name of %d bytes, found %d", b[0], len(b)-1)
	}
	name, carried := string(b[1:n]), b[n:]
	e, err := events.EncodingByName(name)
	if err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	decoder := e.NewDecoder()
	if d, ok := decoder.(encoding.BinaryUnmarshaler); ok {
		err = d.UnmarshalBinary(carried)
	} else if len(carried) > 0 {
		err = fmt.Errorf("decoder: expected nothing that %s carries from message to message, found %d bytes", name, len(carried))
	}
	if err != nil {
		return err
	}
	p.decoder, p.encoding = decoder, name
	return nil
}

// lost tells the decoder that messages are missing, or the rest of one. One whose encoding
// has a clock of its own goes on with the turns that the clock has made, which a new start
// would forget.
func (p *Pipeline) lost() {
	switch d := p.decoder.(type) {
	case nil:
	case interface{ Lost() }:
		d.Lost()
	default:
		d.Reset()
	}
}
