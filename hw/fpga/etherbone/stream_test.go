package etherbone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw/fpga"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a bus of words, and a register at 4 that counts its readings. It is slow to nothing and fails at 0xbad.
type memory struct {
	mu    sync.Mutex
	words map[uint32]uint32
	log   []uint32 // addresses that were written
	reads uint32
}

var errBad = errors.New("no such register")

func newMemory() *memory { return &memory{words: map[uint32]uint32{}} }

func (m *memory) Read(address uint32) (uint32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch address {
	case 0xbad:
		return 0, errBad
	case 4:
		m.reads++
		return m.reads, nil
	}
	return m.words[address], nil
}

func (m *memory) Write(address, value uint32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if address == 0xbad {
		return errBad
	}
	m.words[address] = value
	m.log = append(m.log, address)
	return nil
}

func handler(b fpga.Bus) Handler {
	return func(r *Record, values []uint32) ([]uint32, error) { return Execute(b, r, values) }
}

// onPipe gives a client of a memory that is served until the test ends, and what the server ends with.
func onPipe(t *testing.T, m *memory) (*Stream, func() error) {
	t.Helper()
	here, there := net.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- ServeStream(there, handler(m))
		_ = there.Close()
	}()
	s := NewStream(buffered{here}, time.Minute)
	return s, func() error {
		require.NoError(t, s.Close())
		return <-ended
	}
}

// buffered is a pipe that takes what is written without waiting for a reader, as a system's sockets do.
type buffered struct{ net.Conn }

func (b buffered) Write(p []byte) (int, error) {
	go func(p []byte) { _, _ = b.Conn.Write(p) }(bytes.Clone(p))
	return len(p), nil
}

func TestStream(t *testing.T) {
	m := newMemory()
	s, end := onPipe(t, m)
	got := make([]uint32, 4)
	require.NoError(t, s.Exchange([]Record{
		{WriteBase: 0x100, Writes: []uint32{5, 6, 7}, Reads: []uint32{0x104, 0x100}},
		{Flags: WriteFIFO, WriteBase: 0x200, Writes: []uint32{1, 2, 3}},
		{Reads: []uint32{0x200, 0x204}},
	}, got))
	require.Equal(t, []uint32{6, 5, 3, 0}, got)
	require.Equal(t, []uint32{0x100, 0x104, 0x108, 0x200, 0x200, 0x200}, m.log)

	// Many more records than are sent ahead, each answered in its turn.
	records := make([]Record, 5*ahead+1)
	for i := range records {
		records[i].Reads = []uint32{4, 4, 0x108}
	}
	many := make([]uint32, 3*len(records))
	require.NoError(t, s.Exchange(records, many))
	for i := range records {
		require.Equal(t, []uint32{uint32(2*i + 1), uint32(2*i + 2), 7}, many[3*i:3*i+3])
	}
	require.NoError(t, end(), "a stream that ends between packets")
	require.Error(t, s.Exchange(records[:1], many[:3]))
}

// What LiteX's reader makes of a packet: it takes 4 bytes a count, and 4 for one base.
func TestLiteXCanReadWhatIsSent(t *testing.T) {
	var sent bytes.Buffer
	s := NewStream(&recorder{to: &sent}, time.Minute)
	require.NoError(t, s.Exchange([]Record{{WriteBase: 1, Writes: []uint32{1, 2}}, {WriteBase: 1, Writes: []uint32{3}}}, nil))
	require.Error(t, s.Exchange([]Record{{WriteBase: 1, Writes: []uint32{1}, Reads: []uint32{4, 5, 6}}}, make([]uint32, 3)), "nobody answers")
	b := sent.Bytes()
	packets := 0
	for len(b) > 0 {
		require.GreaterOrEqual(t, len(b), 12)
		require.Equal(t, uint16(Magic), binary.BigEndian.Uint16(b))
		b = b[12+4*(int(b[10])+int(b[11])+1):]
		packets++
	}
	require.Equal(t, 4, packets, "the third record as two")
}

// recorder is a connexion at whose other end nobody says anything.
type recorder struct {
	net.Conn
	to io.Writer
}

func (r *recorder) Write(b []byte) (int, error) { return r.to.Write(b) }
func (r *recorder) Read([]byte) (int, error)    { return 0, io.EOF }
func (r *recorder) SetDeadline(time.Time) error { return nil }

// The server's side of a stream, byte by byte.
func TestServeStream(t *testing.T) {
	m := newMemory()
	m.words[0x10] = 0xaabbccdd
	serve := func(in []byte) ([]byte, error) {
		var out bytes.Buffer
		err := ServeStream(struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(in), &out}, handler(m))
		return out.Bytes(), err
	}
	read := (&Packet{Records: []Record{{Flags: ReadFIFO, Return: 0x77, Reads: []uint32{0x10}}}}).Append(nil)
	want := (&Packet{Records: []Record{{Flags: WriteFIFO, WriteBase: 0x77, Writes: []uint32{0xaabbccdd}}}}).Append(nil)

	empty := (&Packet{Records: []Record{{}}}).appendOnStream(nil)
	probe := (&Packet{Flags: Probe, Payload: []byte("12345678")}).appendOnStream(nil)
	reply := bytes.Clone(probe)
	reply[2] = 0x12
	out, err := serve(bytes.Join([][]byte{read, empty, probe, read}, nil))
	require.NoError(t, err)
	require.Equal(t, bytes.Join([][]byte{want, reply, want}, nil), out)

	out, err = serve((&Packet{Flags: NoReads, Records: []Record{{Reads: []uint32{0x10}}}}).Append(nil))
	require.NoError(t, err)
	require.Empty(t, out)

	for name, try := range map[string]struct {
		in   []byte
		want string
	}{
		"garbage":               {bytes.Repeat([]byte("GET / HTTP/1.1\r\n"), 3), "packet from byte 0 of the stream on: etherbone at byte 0: expected 0x4e6f, found 0x4745"},
		"cut":                   {append(bytes.Clone(read), read[:14]...), "packet from byte 20 of the stream on: etherbone at byte 14: expected a packet of 20 bytes, found the end of the stream"},
		"cut within a header":   {read[:5], "etherbone at byte 5: expected a packet of 12 bytes, found the end of the stream"},
		"a configuration space": {(&Packet{Records: []Record{{Flags: ReadFromConfig, Reads: []uint32{0}}}}).Append(nil), "configuration spaces"},
		"part of a word":        {(&Packet{Records: []Record{{Enable: 3, Writes: []uint32{0}}}}).Append(nil), "byte enable: expected 0xf, whole words, found 0x3"},
		"bus fails writing":     {(&Packet{Records: []Record{{WriteBase: 0xbad, Writes: []uint32{0}}}}).Append(nil), "no such register"},
		"bus fails reading":     {(&Packet{Records: []Record{{Reads: []uint32{0xbad}}}}).Append(nil), "no such register"},
	} {
		_, err := serve(try.in)
		require.ErrorContains(t, err, try.want, name)
	}
}

// FuzzServeStream: whatever a client sends, the server ends with it, and answers at most as much as it was sent.
func FuzzServeStream(f *testing.F) {
	f.Add((&Packet{Records: []Record{{WriteBase: 8, Writes: []uint32{1, 2}, Return: 3, Reads: []uint32{8, 12}}}}).Append(nil))
	f.Add((&Packet{Flags: Probe}).appendOnStream(nil))
	f.Add((&Packet{Records: []Record{{}}}).appendOnStream(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		err := ServeStream(struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(in), &out}, handler(newMemory()))
		require.LessOrEqual(t, out.Len(), len(in))
		var at *events.FormatError
		if err != nil && !errors.As(err, &at) {
			require.Regexp(t, "byte enable|configuration spaces|no such register", err.Error())
		}
	})
}

// A client tells what is wrong with an answer, and does not go on.
func TestStreamAnswersAreChecked(t *testing.T) {
	for name, try := range map[string]struct {
		answer []byte
		want   string
	}{
		"too few":  {(&Packet{Records: []Record{{Writes: []uint32{1}}}}).Append(nil), "expected one record of 2 words, found 1 of 1"},
		"a probe":  {(&Packet{Flags: ProbeReply}).appendOnStream(nil), "expected one record of 2 words, found 0 of 0"},
		"nonsense": {bytes.Repeat([]byte{1}, 30), "etherbone at byte 0"},
		"cut":      {(&Packet{Records: []Record{{Writes: []uint32{1, 2}}}}).Append(nil)[:15], "the end of the stream"},
		"nothing":  {nil, "EOF"},
	} {
		here, there := net.Pipe()
		var other sync.WaitGroup
		other.Go(func() {
			_, _ = io.ReadFull(there, make([]byte, 24))
			_, _ = there.Write(try.answer)
			_ = there.Close()
		})
		s := NewStream(here, time.Minute)
		err := s.Exchange([]Record{{Reads: []uint32{4, 8}}}, make([]uint32, 2))
		require.ErrorContains(t, err, try.want, name)
		require.Equal(t, err, s.Exchange([]Record{{Reads: []uint32{4}}}, make([]uint32, 1)), name)
		require.NoError(t, s.Close())
		other.Wait()
	}
}

func TestStreamTimesOut(t *testing.T) {
	here, there := net.Pipe()
	defer func() { require.NoError(t, there.Close()) }()
	var other sync.WaitGroup
	other.Go(func() { _, _ = io.Copy(io.Discard, there) })
	s := NewStream(here, time.Millisecond)
	require.ErrorIs(t, s.Exchange([]Record{{Reads: []uint32{4}}}, make([]uint32, 1)), fpga.ErrTimeout)
	require.NoError(t, s.Close())
	other.Wait()
}
