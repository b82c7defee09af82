package db3

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs/readervfs"
)

const (
	// maxMessage bounds what a column may hold.
	maxMessage = 64 << 20
	// maxMemory bounds what SQLite takes: a message, its pages, and the schema.
	maxMemory = 192 << 20
	// maxWork is how many thousand operations of SQLite's machine a step may take. A row takes
	// some ten.
	maxWork = 20_000
)

// limits bound what a schema can ask for.
var limits = map[sqlite3.LimitCategory]int{
	sqlite3.LIMIT_LENGTH:          maxMessage,
	sqlite3.LIMIT_SQL_LENGTH:      1 << 20,
	sqlite3.LIMIT_COLUMN:          100,
	sqlite3.LIMIT_EXPR_DEPTH:      50,
	sqlite3.LIMIT_COMPOUND_SELECT: 2,
	sqlite3.LIMIT_VDBE_OP:         25_000,
	sqlite3.LIMIT_ATTACHED:        0,
	sqlite3.LIMIT_TRIGGER_DEPTH:   1,
	sqlite3.LIMIT_WORKER_THREADS:  0,
}

// settings are those that SQLite's authors advise for databases from anywhere
// (sqlite.org/security.html).
var settings = map[sqlite3.DBConfig]bool{
	sqlite3.DBCONFIG_TRUSTED_SCHEMA: false,
	sqlite3.DBCONFIG_ENABLE_VIEW:    false,
	sqlite3.DBCONFIG_ENABLE_TRIGGER: false,
	sqlite3.DBCONFIG_DEFENSIVE:      true,
}

// pragmas: cells are looked at when their page is read, and nothing is kept in files.
const pragmas = "PRAGMA cell_size_check=1; PRAGMA temp_store=2; PRAGMA cache_size=-4096; PRAGMA query_only=1"

// work is a context that is done once SQLite has asked it so often, which it does every
// thousand operations: a limit that no clock has a part in.
type work struct {
	context.Context
	left int
}

var errWork = errors.New("more work than any sound table makes")

// Err is that of context.Context.
func (w *work) Err() error {
	if w.left--; w.left < 0 {
		return errWork
	}
	return nil
}

// database is an open one.
type database struct {
	*sqlite3.Conn
	name  string
	pages *pages
	work  *work
	stmts []*sqlite3.Stmt
}

// open opens a database for reading.
func open(p *pages) (d *database, err error) {
	d = &database{pages: p, work: &work{Context: sqlite3.WithMaxMemory(context.Background(), maxMemory)}}
	// The address is of its own as long as the file is registered.
	d.name = fmt.Sprintf("%p", p)
	readervfs.Create(d.name, p)
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	err = d.do(func() error {
		var err error
		if d.Conn, err = sqlite3.OpenContext(d.work, "file:"+d.name+"?vfs=reader&mode=ro"); err != nil {
			return err
		}
		d.SetInterrupt(d.work)
		for limit, n := range limits {
			d.Limit(limit, n)
		}
		for setting, on := range settings {
			if _, err := d.Config(setting, on); err != nil {
				return err
			}
		}
		return d.Exec(pragmas)
	})
	return d, err
}

// close gives everything back. It may be called again.
func (d *database) close() error {
	if d.Conn == nil {
		readervfs.Delete(d.name)
		return nil
	}
	var errs []error
	for _, s := range d.stmts {
		_ = s.Close() // gives the error of its last step again
	}
	errs = append(errs, d.Close())
	d.stmts, d.Conn = nil, nil
	readervfs.Delete(d.name)
	return errors.Join(errs...)
}

// outOfMemory is how the library's panic for a failed allocation begins. SQLite itself goes on behind
// it: it is an error like others, but for the library.
const outOfMemory = "sqlite3: out of memory"

// do calls f, whose work counts from 0, and makes an error of a lack of memory.
func (d *database) do(f func() error) (err error) {
	d.work.left, d.pages.missing = maxWork, false
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			if !strings.HasPrefix(p.Error(), outOfMemory) {
				panic(p)
			}
			err = errors.New("what takes too much memory or too many operations")
		default:
			panic(p)
		}
	}()
	err = f()
	switch {
	case d.pages.failed != nil:
		return d.pages.failed // the file's own
	case d.work.left < 0 && err != nil:
		return errWork
	}
	return err
}

// prepare compiles a statement, which close gives back.
func (d *database) prepare(sql string) (*sqlite3.Stmt, error) {
	s, _, err := d.Prepare(sql)
	if err != nil {
		return nil, err
	}
	d.stmts = append(d.stmts, s)
	return s, nil
}

// step goes on to a statement's next row. At the last there is none, and no error.
func (d *database) step(s *sqlite3.Stmt) (bool, error) {
	var row bool
	err := d.do(func() error {
		row = s.Step()
		return s.Err()
	})
	return row && err == nil, err
}

// rows calls f for every row of a query.
func (d *database) rows(sql string, f func(*sqlite3.Stmt) error) error {
	var s *sqlite3.Stmt
	err := d.do(func() error {
		var err error
		s, err = d.prepare(sql)
		return err
	})
	for err == nil {
		var row bool
		if row, err = d.step(s); err == nil && !row {
			return nil
		}
		if err == nil {
			err = f(s)
		}
	}
	return err
}
