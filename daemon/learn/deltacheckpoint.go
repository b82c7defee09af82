package learn

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/wholefile"
)

// A checkpoint is the trainings that have begun, as they stand, with what they are of.
// Little-endian:
//
//	"SACDELTR" | version u32, 1 | terms: length u32, JSON | number of trainings u32, 1 or 2
//	for each training: length u64, a checkpoint of package train
//	CRC-32C of all before it u32
const (
	deltaMagic   = "SACDELTR"
	deltaVersion = 1
	// maxTerms bounds what is told of the training.
	maxTerms = 1 << 20
)

var deltaTable = crc32.MakeTable(crc32.Castagnoli)

// save writes all that was trained so far to the checkpoint, which is written whole or left as it was.
func (r *deltaRun) save() error {
	terms, err := json.Marshal(r.terms)
	if err != nil {
		return err
	}
	b := binary.LittleEndian.AppendUint32([]byte(deltaMagic), deltaVersion)
	b = append(binary.LittleEndian.AppendUint32(b, uint32(len(terms))), terms...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.trainers)))
	for _, t := range r.trainers {
		state, err := t.MarshalBinary()
		if err != nil {
			return err
		}
		b = append(binary.LittleEndian.AppendUint64(b, uint64(len(state))), state...)
	}
	return wholefile.Write(r.Checkpoint, binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, deltaTable)))
}

// load goes on from the checkpoint, where it is there and of this training.
func (r *deltaRun) load() error {
	terms, trainers, err := readDelta(r.Checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = r.same(terms, trainers)
	}
	if other, found := errors.AsType[*OtherTrainingError](err); found {
		other.Checkpoint = r.Checkpoint
		return other
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.Checkpoint, err)
	}
	r.trainers = trainers
	return nil
}

func readDelta(path string) (deltaTerms, []*train.Trainer, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return deltaTerms{}, nil, err
	case !st.Mode().IsRegular():
		return deltaTerms{}, nil, errors.New("expected a checkpoint of a training, found a folder or something else")
	case st.Size() > train.MaxFileBytes:
		return deltaTerms{}, nil, fmt.Errorf("expected a file of at most %d bytes, found %d", int64(train.MaxFileBytes), st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return deltaTerms{}, nil, err
	}
	return decodeDelta(b)
}

// decodeDelta reads the bytes of a checkpoint.
func decodeDelta(b []byte) (terms deltaTerms, trainers []*train.Trainer, err error) {
	head := len(deltaMagic) + 8
	switch {
	case !bytes.HasPrefix(b, []byte(deltaMagic)):
		return terms, nil, fmt.Errorf("at byte 0: expected %q, a checkpoint of 'train delta', found %q", deltaMagic, b[:min(len(b), len(deltaMagic))])
	case len(b) < head+8:
		return terms, nil, fmt.Errorf("at byte %d: expected a version and what follows, found the end", len(b))
	}
	if v := binary.LittleEndian.Uint32(b[len(deltaMagic):]); v != deltaVersion {
		return terms, nil, fmt.Errorf("at byte %d: expected version %d, found %d", len(deltaMagic), deltaVersion, v)
	}
	end := len(b) - 4
	if want, got := binary.LittleEndian.Uint32(b[end:]), crc32.Checksum(b[:end], deltaTable); want != got {
		return terms, nil, fmt.Errorf("at byte %d: it is damaged: expected checksum %08x, found %08x", end, want, got)
	}
	n := binary.LittleEndian.Uint32(b[head-4:])
	if n > maxTerms || int(n) > end-head-4 {
		return terms, nil, fmt.Errorf("at byte %d: expected the length of the terms, found %d", head-4, n)
	}
	at := head + int(n)
	strict := json.NewDecoder(bytes.NewReader(b[head:at]))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&terms); err != nil {
		return terms, nil, fmt.Errorf("at byte %d: the terms: %w", head, err)
	}
	if _, err := strict.Token(); !errors.Is(err, io.EOF) {
		return terms, nil, fmt.Errorf("at byte %d: the terms: expected one object, found more behind it", head)
	}
	count := binary.LittleEndian.Uint32(b[at:])
	if count < 1 || count > 2 {
		return terms, nil, fmt.Errorf("at byte %d: expected one training or two, found %d", at, count)
	}
	at += 4
	for range count {
		if end-at < 8 || binary.LittleEndian.Uint64(b[at:]) > uint64(end-at-8) {
			return terms, nil, fmt.Errorf("at byte %d: expected a training, found the end", at)
		}
		size := int(binary.LittleEndian.Uint64(b[at:]))
		t, err := train.Restore(b[at+8 : at+8+size])
		if err != nil {
			return terms, nil, fmt.Errorf("the training at byte %d: %w", at+8, err)
		}
		trainers = append(trainers, t)
		at += 8 + size
	}
	if at != end {
		return terms, nil, fmt.Errorf("at byte %d: expected the end, found %d bytes more", at, end-at)
	}
	return terms, trainers, nil
}
