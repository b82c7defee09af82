package db3

import (
	"errors"
	"fmt"
	"io"

	"github.com/ncruces/go-sqlite3"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/ros"
)

// Source gives the messages of a bag by their times. It is a [ros.Source], and an io.Closer: it
// closes itself at the end and at damage behind which nothing is read.
type Source struct {
	d     *database
	byID  map[int64]topic
	order *order
	topic *sqlite3.Stmt
	data  *sqlite3.Stmt
	end   error // given from then on
}

var (
	_ ros.Source = (*Source)(nil)
	_ io.Closer  = (*Source)(nil)
)

// NewSource opens a bag of size bytes. One that is damaged where everything begins, or no bag, is
// refused with a fatal *events.FormatError.
func NewSource(r io.ReaderAt, size int64) (*Source, error) {
	p, err := newPages(r, size)
	if err != nil {
		return nil, err
	}
	d, err := open(p)
	if err != nil {
		return nil, d.failed(err, "a database of SQLite 3")
	}
	s := &Source{d: d}
	if err := s.begin(); err != nil {
		return nil, s.closing(err)
	}
	return s, nil
}

func (s *Source) begin() error {
	err := s.d.checkSchema()
	if err == nil {
		s.byID, err = s.d.topics()
	}
	if err == nil {
		s.order, err = newOrder(s.d)
	}
	if err != nil {
		return err
	}
	return s.d.failed(s.d.do(func() error {
		var err error
		if s.topic, err = s.d.prepare("SELECT topic_id FROM messages WHERE rowid = ?"); err != nil {
			return err
		}
		s.data, err = s.d.prepare("SELECT data FROM messages WHERE rowid = ?")
		return err
	}), "the table of messages")
}

// Close gives the database back; the file stays open.
func (s *Source) Close() error {
	if s.end == nil {
		s.end = errClosed
	}
	return s.d.close()
}

var errClosed = errors.New("db3: read after Close")

// closing closes the source for an error, which it gives.
func (s *Source) closing(err error) error {
	s.end = err
	if cerr := s.d.close(); cerr != nil {
		return errors.Join(err, cerr)
	}
	return err
}

// Next gives the next message.
func (s *Source) Next() (ros.Message, error) {
	if s.end != nil {
		return ros.Message{}, s.end
	}
	m, err := s.next()
	if err == nil {
		return m, nil
	}
	if fe, damage := errors.AsType[*events.FormatError](err); !damage || fe.Fatal {
		return ros.Message{}, s.closing(err)
	}
	return m, err
}

func (s *Source) next() (ros.Message, error) {
	id, ok, err := s.order.next()
	switch {
	case err != nil:
		return ros.Message{}, err
	case !ok:
		if cut := s.d.pages.cut(); cut != nil {
			return ros.Message{}, cut
		}
		return ros.Message{}, io.EOF
	}
	if err := s.row(s.topic, id, sqlite3.INTEGER, "its topic's id"); err != nil {
		return ros.Message{}, err
	}
	m := ros.Message{Offset: s.d.pages.last, Apart: true}
	t, known := s.byID[s.topic.ColumnInt64(0)]
	if !known {
		return m, passing(m.Offset, fmt.Sprintf("a topic for message %d", id), fmt.Sprintf("number %d, which is none", s.topic.ColumnInt64(0)))
	}
	m.Topic, m.Type, m.CDR = t.name, t.typ, t.cdr
	if !ros.Decodes(t.typ) {
		return m, nil
	}
	if err := s.row(s.data, id, sqlite3.BLOB, "its data"); err != nil {
		return ros.Message{}, err
	}
	m.Data = s.data.ColumnRawBlob(0)
	return m, nil
}

// row looks a message up. Damage that is the message's own is read on behind.
func (s *Source) row(q *sqlite3.Stmt, id int64, want sqlite3.Datatype, what string) error {
	there := false
	err := s.d.do(func() error {
		_ = q.Reset() // gives the error of its last step again
		err := q.BindInt64(1, id)
		if err == nil {
			there = q.Step()
			err = q.Err()
		}
		return err
	})
	if err == nil && there && q.ColumnType(0) == want {
		return nil
	}
	what = fmt.Sprintf("message %d with %s", id, what)
	if err = s.d.failed(err, what); err != nil {
		if fe, damage := errors.AsType[*events.FormatError](err); damage {
			fe.Fatal = s.d.pages.missing // and so is what was recorded behind it
		}
		return err
	}
	found := "none in the table"
	if there {
		found = q.ColumnType(0).String()
	}
	return passing(s.d.pages.last, what, found)
}

// failed makes damage of an error of SQLite; the file's own stays as it is.
func (d *database) failed(err error, want string) error {
	switch fe, damage := errors.AsType[*events.FormatError](err); {
	case err == nil:
		return nil
	case d.pages.failed != nil:
		return d.pages.failed
	case damage:
		return fe
	default:
		return d.pages.explain(err, want)
	}
}

func passing(at int64, want, got string) *events.FormatError {
	fe := damaged(at, want, got)
	fe.Fatal = false
	return fe
}
