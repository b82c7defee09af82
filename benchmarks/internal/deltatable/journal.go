package deltatable

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/wholefile"
)

// Journal keeps what was measured, a line a result, and what was trained, so that a table
// that was interrupted goes on where it was. It may be used by several goroutines.
type Journal struct {
	dir string

	mu   sync.Mutex
	file *os.File
	of   map[Key]Result
}

// OpenJournal opens a folder's journal, or begins one. The folder's name has the fingerprint
// of what the results depend on: with other budgets another journal is begun, with more settings or seeds
// the same goes on.
func OpenJournal(dir string, p *Plan) (_ *Journal, err error) {
	text, err := json.Marshal(p.base())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	j := &Journal{dir: filepath.Join(dir, hex.EncodeToString(sum[:6])), of: map[Key]Result{}}
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return nil, err
	}
	if err := wholefile.Write(filepath.Join(j.dir, "plan.json"), text); err != nil {
		return nil, err
	}
	path := filepath.Join(j.dir, "results.jsonl")
	whole, err := j.read(path)
	if err != nil {
		return nil, err
	}
	j.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	// A line that was being written when the table was interrupted is written over.
	err = j.file.Truncate(whole)
	if err == nil {
		_, err = j.file.Seek(whole, 0)
	}
	if err != nil {
		return nil, errors.Join(err, j.file.Close())
	}
	return j, nil
}

// read reads all results of a file, and tells the length of its whole lines.
func (j *Journal) read(path string) (whole int64, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	lines := bufio.NewScanner(bytes.NewReader(text[:end]))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var r Result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return 0, fmt.Errorf("%s: line %d: %w", path, n, err)
		}
		j.of[r.Key] = r
	}
	return int64(end), lines.Err()
}

// Dir is the folder with this plan's files.
func (j *Journal) Dir() string { return j.dir }

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }

// Result is that of a key, where there is one.
func (j *Journal) Result(k Key) (Result, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r, ok := j.of[k]
	return r, ok
}

// Add writes a result.
func (j *Journal) Add(r Result) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	j.of[r.Key] = r
	return nil
}

// Results are all that there are, by their keys.
func (j *Journal) Results() map[Key]Result {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make(map[Key]Result, len(j.of))
	for k, r := range j.of {
		out[k] = r
	}
	return out
}

// params gives the parameters that were kept for a key, or makes and keeps them.
func (j *Journal) params(k Key, make func() (quantise.Params, error)) (p quantise.Params, err error) {
	path := filepath.Join(j.dir, k.file()+".gob")
	text, err := os.ReadFile(path)
	if err == nil {
		if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&p); err != nil {
			return p, fmt.Errorf("%s: %w", path, err)
		}
		return p, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return p, err
	}
	if p, err = make(); err != nil {
		return p, err
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(p); err != nil {
		return p, err
	}
	return p, wholefile.Write(path, b.Bytes())
}
