package mcap

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/saccade-dev/saccade/events/internal/source"
)

// decompressor takes chunks apart, one after the other, in memory that it reuses.
type decompressor struct {
	out  []byte
	src  bytes.Reader
	lz4  *lz4.Reader
	zstd *zstd.Decoder
}

// A block of ZSTD has four bytes or more, and at most 128 KiB come of it.
const (
	zstdLeast = 4
	zstdMost  = 128 << 10
)

// decompress gives what comes of a chunk's records, as far as they can be decompressed and up to
// size, which is at most maxChunk; it is good until the next call.
func (d *decompressor) decompress(compression string, b []byte, size uint64) ([]byte, error) {
	switch compression {
	case "":
		return b, nil
	case "lz4":
		err := d.fromLZ4(b, int(size))
		return d.out, err
	default:
		err := d.fromZSTD(b, int(size))
		return d.out, err
	}
}

func (d *decompressor) fromLZ4(b []byte, size int) error {
	d.src.Reset(b)
	if d.lz4 == nil {
		d.lz4 = lz4.NewReader(&d.src)
	} else {
		d.lz4.Reset(&d.src)
	}
	var err error
	d.out, err = source.All(d.lz4, d.out[:0], size)
	return err
}

func (d *decompressor) fromZSTD(b []byte, size int) error {
	if d.zstd == nil {
		var err error
		// One chunk at a time, in the caller's goroutine: there is nothing to close. The
		// output's capacity is all that may come of a chunk.
		if d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxChunk), zstd.WithDecodeAllCapLimit(true)); err != nil {
			return err
		}
	}
	// What is announced is believed as far as it can come of that many bytes.
	room := min(size, (len(b)/zstdLeast+1)*zstdMost)
	if cap(d.out) < room {
		d.out = make([]byte, 0, room)
	}
	var err error
	d.out, err = d.zstd.DecodeAll(b, d.out[:0:room])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = fmt.Errorf("%w, or a window of more than %d bytes", source.ErrMore, maxChunk)
	}
	return err
}
