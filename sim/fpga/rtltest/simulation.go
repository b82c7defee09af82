package rtltest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"

	"github.com/saccade-dev/saccade/sim/fpga"
)

// In is what a cycle brings to the design's pins.
type In struct {
	fpga.In
	Read, Write    bool // strobes of the register bus: not both
	Address, Value uint32
}

// Out is what the design has on its pins before the clock's edge that ends a cycle.
type Out struct {
	fpga.Out
	Ack  bool
	Data uint32 // with Ack, what was read
}

// Simulation is the design as it runs, a process of its own. It is used by one goroutine at a time.
type Simulation struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  bytes.Buffer
	words   []byte
}

// Bits of a record's first byte; the test bench has the same.
const (
	pinValid = 1
	pinReady = 2
	pinRead  = 4
	pinWrite = 8
	pinPeek  = 0xfe
	pinSync  = 0xff

	pinInReady  = 1
	pinOutValid = 2
	pinAck      = 4
)

// Start runs a program that Compile made, whose memories and registers begin with what follows from the seed. Where
// the context ends, so does the process.
func Start(ctx context.Context, program string, seed uint32) (*Simulation, error) {
	s := &Simulation{command: exec.CommandContext(ctx, program, "+verilator+rand+reset+2", fmt.Sprintf("+verilator+seed+%d", seed%(1<<30)+1))}
	s.command.Stderr = &s.errors
	out, err := s.command.StdoutPipe()
	if err == nil {
		s.in, err = s.command.StdinPipe()
	}
	if err == nil {
		err = s.command.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("rtltest: %w", err)
	}
	s.out = bufio.NewReaderSize(out, 1<<16)
	return s, nil
}

// Run takes the design through as many cycles as there are in in, and gives its pins in each of them in out, which has
// the same length.
func (s *Simulation) Run(in []In, out []Out) error {
	s.words = s.words[:0]
	for i := range in {
		s.words = appendIn(s.words, &in[i])
	}
	s.words = append(s.words, pinSync)
	var wg sync.WaitGroup
	var wrote error
	wg.Go(func() { _, wrote = s.in.Write(s.words) })
	var err error
	for i := range out {
		if out[i], err = s.readOut(); err != nil {
			break
		}
	}
	if err == nil {
		var b byte
		if b, err = s.out.ReadByte(); err == nil && b != pinSync {
			err = fmt.Errorf("answer to the end of a run: expected %#x, found %#x", pinSync, b)
		}
	}
	if err != nil {
		err = errors.Join(err, s.in.Close()) // or the writer would wait for ever
	}
	wg.Wait()
	if err = errors.Join(err, wrote); err != nil {
		return fmt.Errorf("rtltest: %w", err)
	}
	return nil
}

// Peek gives the design's pins as they will be in the next cycle.
func (s *Simulation) Peek() (Out, error) {
	s.words = append(s.words[:0], pinPeek)
	return s.peek()
}

// Step takes the design through a cycle, and gives its pins in the one behind it.
func (s *Simulation) Step(in In) (Out, error) {
	s.words = append(appendIn(s.words[:0], &in), pinPeek)
	if _, err := s.peek(); err != nil { // of the cycle itself, which are known
		return Out{}, err
	}
	out, err := s.readOut()
	if err != nil {
		return Out{}, fmt.Errorf("rtltest: %w", err)
	}
	return out, nil
}

func (s *Simulation) peek() (Out, error) {
	_, err := s.in.Write(s.words)
	if err == nil {
		var out Out
		if out, err = s.readOut(); err == nil {
			return out, nil
		}
	}
	return Out{}, fmt.Errorf("rtltest: %w", err)
}

func appendIn(b []byte, in *In) []byte {
	at := len(b)
	b = append(b, 0)
	if in.Valid {
		b[at] |= pinValid
		b = binary.LittleEndian.AppendUint32(b, in.Word)
	}
	if in.Ready {
		b[at] |= pinReady
	}
	if in.Read || in.Write {
		b[at] |= pinRead
		if in.Write {
			b[at] ^= pinRead | pinWrite
		}
		b = binary.LittleEndian.AppendUint32(b, in.Address)
		b = binary.LittleEndian.AppendUint32(b, in.Value)
	}
	return b
}

func (s *Simulation) readOut() (o Out, err error) {
	b, err := s.out.ReadByte()
	switch {
	case err != nil:
		return o, err
	case b > pinInReady|pinOutValid|pinAck:
		return o, fmt.Errorf("pins of a cycle: expected 0 to 7, found %#x", b)
	}
	var word [4]byte
	o.Ready = b&pinInReady != 0
	if o.Valid = b&pinOutValid != 0; o.Valid {
		if _, err = io.ReadFull(s.out, word[:]); err != nil {
			return o, err
		}
		o.Word = binary.LittleEndian.Uint32(word[:])
	}
	if o.Ack = b&pinAck != 0; o.Ack {
		if _, err = io.ReadFull(s.out, word[:]); err != nil {
			return o, err
		}
		o.Data = binary.LittleEndian.Uint32(word[:])
	}
	return o, nil
}

// Close ends the process, and says what it complained of.
func (s *Simulation) Close() error {
	err := errors.Join(s.in.Close(), s.command.Wait())
	if err != nil || s.errors.Len() > 0 {
		return fmt.Errorf("rtltest: the simulation ended: %w: %s", err, bytes.TrimSpace(s.errors.Bytes()))
	}
	return nil
}
