package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/saccade-dev/saccade/features/wholefile"
)

// maxJournalBytes bounds a results file that is read: a result has less than 2 kB.
const maxJournalBytes = 1 << 28

// journal is a results file that is open to be added to.
type journal struct {
	mu   sync.Mutex
	file *os.File
}

// openJournal opens a results file, or makes it where it is not there, and gives the
// results in it. What was cut off at its end is taken away.
func openJournal(path string, h header) (*journal, []Result, error) {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := createJournal(path, h); err != nil {
			return nil, nil, err
		}
	case err != nil:
		return nil, nil, err
	case !st.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%s: expected a results file, found something else", path)
	case st.Size() > maxJournalBytes:
		return nil, nil, fmt.Errorf("%s: expected a results file of at most %d bytes, found %d", path, maxJournalBytes, st.Size())
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, err
	}
	results, err := resume(f, h)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return &journal{file: f}, results, nil
}

// resume reads what is in a results file and leaves it at the end of its last whole
// line.
func resume(f *os.File, h header) ([]Result, error) {
	b, err := io.ReadAll(io.LimitReader(f, maxJournalBytes))
	if err != nil {
		return nil, err
	}
	results, length, err := parseJournal(b, h)
	if err != nil {
		return nil, err
	}
	if length < len(b) {
		return results, f.Truncate(int64(length))
	}
	return results, nil
}

// parseJournal reads the results of a file and gives the length of its whole lines. A
// last line without an end is no line.
func parseJournal(b []byte, h header) (results []Result, length int, err error) {
	for line := 1; ; line++ {
		end := bytes.IndexByte(b[length:], '\n')
		if end < 0 {
			if line == 1 {
				return nil, 0, errors.New("expected a results file of a sweep, found another file: give another name for the results")
			}
			return results, length, nil
		}
		text := b[length : length+end]
		if line == 1 {
			var found header
			if err := strict(text, &found); err != nil || found.Version == 0 {
				return nil, 0, errors.New("expected a results file of a sweep, found another file: give another name for the results")
			}
			if err := h.differs(found); err != nil {
				return nil, 0, fmt.Errorf("%w: give another name for the results", err)
			}
		} else {
			var r Result
			err := strict(text, &r)
			if err == nil {
				err = r.validate() // of what was not read it would say nothing true
			}
			if err != nil {
				return nil, 0, fmt.Errorf("line %d, at byte %d: expected a result, found %.40q: %w", line, length, text, err)
			}
			results = append(results, r)
		}
		length += end + 1
	}
}

// strict reads one JSON object with no other fields and nothing behind it.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("expected the end behind byte %d", d.InputOffset())
	}
	return nil
}

// add writes a result down. When it returns, the line is on the disk.
func (j *journal) add(r Result) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	// In one write, so that whoever reads meanwhile sees it whole, but for a crash.
	if _, err := j.file.Write(append(b, '\n')); err != nil {
		return err
	}
	return j.file.Sync()
}

func (j *journal) close() error { return j.file.Close() }

// createJournal writes a file of a header alone, whole or not at all.
func createJournal(path string, h header) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return wholefile.Write(path, append(b, '\n'))
}
