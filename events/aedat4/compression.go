package aedat4

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/saccade-dev/saccade/events/internal/source"
)

// Compression is how the packets of a file are compressed, as IOHeader numbers it.
type Compression int32

// The compressions there are.
const (
	None     Compression = 0
	LZ4      Compression = 1
	LZ4High  Compression = 2
	ZSTD     Compression = 3
	ZSTDHigh Compression = 4
)

var compressionNames = [...]string{"NONE", "LZ4", "LZ4_HIGH", "ZSTD", "ZSTD_HIGH"}

// String gives the name that DV's XML has for it.
func (c Compression) String() string {
	if !c.valid() {
		return fmt.Sprintf("compression %d", int32(c))
	}
	return compressionNames[c]
}

func (c Compression) valid() bool { return c >= None && int(c) < len(compressionNames) }

// decompressor takes packets apart, one after the other, in memory that it reuses.
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

// decompress gives what a packet holds, as far as it can be decompressed; it is good
// until the next call.
func (d *decompressor) decompress(c Compression, packet []byte) ([]byte, error) {
	var err error
	switch c {
	case LZ4, LZ4High:
		err = d.fromLZ4(packet)
	case ZSTD, ZSTDHigh:
		err = d.fromZSTD(packet)
	default:
		return packet, nil
	}
	return d.out, err
}

func (d *decompressor) fromLZ4(packet []byte) error {
	d.src.Reset(packet)
	if d.lz4 == nil {
		d.lz4 = lz4.NewReader(&d.src)
	} else {
		d.lz4.Reset(&d.src)
	}
	var err error
	d.out, err = source.All(d.lz4, d.out[:0], maxPacket)
	return err
}

func (d *decompressor) fromZSTD(packet []byte) error {
	if d.zstd == nil {
		var err error
		// One packet at a time, in the caller's goroutine: there is nothing to close.
		if d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPacket)); err != nil {
			return err
		}
	}
	d.out = d.out[:0]
	// A frame announces its size, and the library believes it as far as maxPacket.
	var h zstd.Header
	if err := h.Decode(packet); err != nil {
		return err
	}
	if room := uint64(len(packet)/zstdLeast+1) * zstdMost; h.HasFCS && h.FrameContentSize > room {
		return fmt.Errorf("%d bytes announced in a frame of %d", h.FrameContentSize, len(packet))
	}
	var err error
	d.out, err = d.zstd.DecodeAll(packet, d.out)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return source.ErrMore
	}
	return err
}

// compressor makes packets, one after the other.
type compressor struct {
	out  bytes.Buffer
	lz4  *lz4.Writer
	zstd *zstd.Encoder
}

func newCompressor(c Compression) (*compressor, error) {
	out := &compressor{}
	var err error
	switch c {
	case LZ4, LZ4High:
		level := lz4.Fast
		if c == LZ4High {
			level = lz4.Level9
		}
		out.lz4 = lz4.NewWriter(io.Discard)
		// Blocks of 64 KiB, as DV has them, and no goroutines.
		err = out.lz4.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ChecksumOption(false),
			lz4.ConcurrencyOption(1), lz4.CompressionLevelOption(level))
	case ZSTD, ZSTDHigh:
		level := zstd.SpeedDefault
		if c == ZSTDHigh {
			level = zstd.SpeedBestCompression
		}
		out.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(level))
	case None:
	default:
		err = fmt.Errorf("%v: expected 0 to %d", c, len(compressionNames)-1)
	}
	return out, err
}

// compress gives a packet, which is good until the next call.
func (c *compressor) compress(data []byte) ([]byte, error) {
	switch {
	case c.lz4 != nil:
		c.out.Reset()
		c.lz4.Reset(&c.out)
		if _, err := c.lz4.Write(data); err != nil {
			return nil, err
		}
		err := c.lz4.Close()
		return c.out.Bytes(), err
	case c.zstd != nil:
		c.out.Reset()
		return c.zstd.EncodeAll(data, c.out.AvailableBuffer()), nil
	default:
		return data, nil
	}
}
