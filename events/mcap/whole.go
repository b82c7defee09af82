package mcap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
	"github.com/saccade-dev/saccade/events/ros"
)

const (
	// sqliteMagic begins the other files that rosbag2 compresses so.
	sqliteMagic = "SQLite format 3\x00"
	// maxWindow bounds the memory that decompressing takes. rosbag2 makes windows of half a MiB,
	// "zstd -19" of 8.
	maxWindow = 32 << 20
)

// newSource begins to read a file, which may be compressed as a whole.
func newSource(r io.Reader) (ros.Source, error) {
	br := bufio.NewReaderSize(r, bufferBytes)
	// What ends the source here ends it again when it is read.
	if head, _ := br.Peek(len(ros.ZstdMagic)); string(head) != ros.ZstdMagic {
		return NewSource(br)
	}
	w := &whole{from: position{r: br}}
	// In the caller's goroutine: there is nothing to close.
	var err error
	if w.zstd, err = zstd.NewReader(&w.from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true)); err != nil {
		return nil, w.failure(err)
	}
	in := bufio.NewReaderSize(w, bufferBytes)
	head, err := in.Peek(len(sqliteMagic))
	const want = "an MCAP file in what zstd decompresses"
	switch {
	case strings.HasPrefix(string(head), magic):
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case strings.HasPrefix(string(head), sqliteMagic):
		return nil, damaged(0, want, `an SQLite database (.db3), which is read here and there: decompress it with "zstd -d" first`)
	default:
		return nil, damaged(0, want, fmt.Sprintf(`%q: if that is another recording, decompress it with "zstd -d" first`, head))
	}
	if w.inner, err = NewSource(in); err != nil {
		return nil, w.placed(err)
	}
	return w, nil
}

// whole decompresses a file, and gives the messages in it. Where in the compressed file they
// stand cannot be told.
type whole struct {
	from   position
	zstd   *zstd.Decoder
	failed error // what decompressing ended with, unless that is io.EOF
	inner  *Source
}

// position is a source, how far it was read, and what it ended with.
type position struct {
	r   io.Reader
	at  int64
	err error
}

func (p *position) Read(b []byte) (int, error) {
	n, err := source.Some(p.r, b) // zstd waits for ever for what gives nothing
	p.at += int64(n)
	if err != nil {
		p.err = err
	}
	return n, err
}

// Read is that of what was compressed.
func (w *whole) Read(b []byte) (int, error) {
	if w.failed != nil {
		return 0, w.failed
	}
	n, err := w.zstd.Read(b)
	// Between frames, zstd takes some errors of the source for the end.
	if err != nil && (!errors.Is(err, io.EOF) || w.from.err != nil && !errors.Is(w.from.err, io.EOF)) {
		w.failed = w.failure(err)
		err = w.failed
	}
	return n, err
}

// failure is the source's own, or damage of what is compressed.
func (w *whole) failure(err error) error {
	const want = "a file compressed as a whole by zstd"
	switch {
	case w.from.err != nil && !errors.Is(w.from.err, io.EOF):
		return w.from.err
	case w.from.err != nil:
		return damaged(w.from.at, want, "the end of the file")
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return damaged(0, fmt.Sprintf("%s in windows of at most %d bytes", want, maxWindow), `more: decompress it with "zstd -d" first`)
	default:
		return damaged(w.from.at, want, err.Error())
	}
}

// placed gives damage within what was compressed a place in the file.
func (w *whole) placed(err error) error {
	fe, damage := errors.AsType[*events.FormatError](err)
	if !damage || err == w.failed { //nolint:errorlint // itself, whose place is one in the file
		return err
	}
	out := *fe
	out.Got += fmt.Sprintf(", at byte %d of what the file decompresses to", fe.Offset)
	out.Offset = 0
	return &out
}

// Next is that of ros.Source.
func (w *whole) Next() (ros.Message, error) {
	m, err := w.inner.Next()
	m.Offset, m.Apart = 0, true
	return m, w.placed(err)
}
