package source_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// claims reads nothing and says something else.
type claims int

func (c claims) Read([]byte) (int, error) { return int(c), nil }

func TestSome(t *testing.T) {
	b := make([]byte, 3)
	for _, n := range []int{-1, 4} {
		_, err := source.Some(claims(n), b)
		require.ErrorContains(t, err, "more than was asked for")
	}
	_, err := source.Some(claims(0), b)
	require.Equal(t, io.ErrNoProgress, err)
	n, err := source.Some(iotest.DataErrReader(strings.NewReader("ab")), b)
	require.Equal(t, 2, n)
	require.Equal(t, io.EOF, err)
}

func TestFull(t *testing.T) {
	for have, want := range map[string]error{"": io.EOF, "ab": io.EOF, "abc": nil, "abcd": nil} {
		for _, src := range []io.Reader{strings.NewReader(have), iotest.OneByteReader(strings.NewReader(have)), iotest.DataErrReader(strings.NewReader(have))} {
			b := make([]byte, 3)
			n, err := source.Full(src, b)
			require.Equal(t, want, err)
			require.Equal(t, have[:min(3, len(have))], string(b[:n]))
		}
	}
	_, err := source.Full(io.MultiReader(strings.NewReader("a"), iotest.ErrReader(io.ErrUnexpectedEOF)), make([]byte, 3))
	require.Equal(t, io.ErrUnexpectedEOF, err, "the source's own")
	_, err = source.Full(claims(0), make([]byte, 1))
	require.Equal(t, io.ErrNoProgress, err)
}

// Whatever is asked for and taken, what comes is the source, in its order and place.
func TestBuffer(t *testing.T) {
	text := []byte(strings.Repeat("0123456789abcdefghijk", 50))
	for _, cut := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
		b := source.NewBuffer(cut(bytes.NewReader(text)), 64, 8)
		require.Equal(t, 64, b.Room())
		var got []byte
		for i := 1; ; i = i%64 + 1 {
			err := b.Fill(i)
			require.Equal(t, int64(len(got)), b.Offset())
			require.Len(t, b.Bytes(), b.Len())
			require.GreaterOrEqual(t, cap(b.Bytes()), b.Len()+8, "the slack")
			if err != nil {
				require.Equal(t, io.EOF, err)
				require.Less(t, b.Len(), i)
				require.True(t, b.Ended())
				require.Equal(t, io.EOF, b.Err())
				got = append(got, b.Bytes()...)
				break
			}
			require.GreaterOrEqual(t, b.Len(), i)
			n := (i + 1) / 2
			got = append(got, b.Bytes()[:n]...)
			b.Take(n)
		}
		require.Equal(t, string(text), string(got))
	}
}

func TestBegin(t *testing.T) {
	b := source.NewBuffer(strings.NewReader("cdef"), 4, 0)
	require.Equal(t, 2, b.Begin(7, []byte("ab")))
	require.NoError(t, b.Fill(4))
	require.Equal(t, "abcd", string(b.Bytes()))
	require.Equal(t, int64(7), b.Offset())
	b = source.NewBuffer(strings.NewReader(""), 4, 0)
	require.Equal(t, 4, b.Begin(0, []byte("abcdef")), "as many as fit")
}

func TestNeed(t *testing.T) {
	b := source.NewBuffer(strings.NewReader("abcde"), 8, 0)
	require.NoError(t, b.Need(3, "made", "three"))
	b.Take(3)
	require.Equal(t, &events.FormatError{Format: "made", Offset: 3, Fatal: true, Want: "three", Got: "the end of the file after 2"}, b.Need(3, "made", "three"))
	b.Take(2)
	require.Equal(t, io.EOF, b.Need(3, "made", "three"))
	cut := errors.New("the line was cut")
	b = source.NewBuffer(io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(cut)), 8, 0)
	require.Equal(t, cut, b.Need(3, "made", "three"), "no end of the file")
}

// Steps stop where they should, and go on where they can.
func TestSteps(t *testing.T) {
	damage := &events.FormatError{Format: "made", Want: "this", Got: "that"}
	fatal := &events.FormatError{Format: "made", Fatal: true}
	broken := errors.New("broken")
	for _, end := range []error{io.EOF, fatal, broken} {
		script := []error{nil, nil, damage, nil, damage, nil, end}
		var s source.Steps
		at := 0
		step := func(p *events.Packet) error {
			err := script[at]
			if err == nil {
				p.Events = append(p.Events, events.Event{T: int64(at)})
			}
			at++
			return err
		}
		p := events.NewPacket(2)
		read := func(want error, times ...int64) {
			require.Equal(t, want, s.Read(p, step))
			var got []int64
			for _, e := range p.Events {
				got = append(got, e.T)
			}
			require.Equal(t, times, got)
		}
		read(nil, 0, 1)
		read(damage)
		read(damage, 3)
		if errors.Is(end, io.EOF) {
			read(nil, 5)
		} else {
			read(end, 5)
		}
		read(end)
		read(end)
		require.Equal(t, len(script), at, "no step is taken behind the end")
	}
}
