package db3

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/saccade-dev/saccade/events"
)

// place is where a message comes among the others.
type place struct{ t, id int64 }

func (p place) compare(q place) int { return cmp.Or(cmp.Compare(p.t, q.t), cmp.Compare(p.id, q.id)) }

// order gives the messages' ids in the order of their times.
type order struct {
	d    *database
	stmt *sqlite3.Stmt // by the index, where there is one
	all  []place       // what is left, sorted, where there is none
	last place
	any  bool
}

const (
	byIndex = "SELECT timestamp, rowid FROM messages ORDER BY timestamp, rowid"
	byTable = "SELECT timestamp, rowid FROM messages NOT INDEXED ORDER BY rowid"
)

func newOrder(d *database) (*order, error) {
	o := &order{d: d, last: place{math.MinInt64, math.MinInt64}}
	// A temporary tree is SQLite's way of sorting, in memory that nothing bounds but ours.
	sorts := false
	err := d.rows("EXPLAIN QUERY PLAN "+byIndex, func(s *sqlite3.Stmt) error {
		sorts = sorts || strings.Contains(s.ColumnText(3), "TEMP B-TREE")
		return nil
	})
	switch {
	case err != nil:
		return nil, d.failed(err, "the table of messages")
	case sorts:
		return o, o.sort()
	}
	err = d.do(func() error {
		var err error
		o.stmt, err = d.prepare(byIndex)
		return err
	})
	return o, d.failed(err, "the table of messages")
}

// sort reads all times and ids.
func (o *order) sort() error {
	id := int64(math.MinInt64)
	err := o.d.rows(byTable, func(s *sqlite3.Stmt) error {
		p, fe := o.placeOf(s)
		if fe != nil {
			return fe
		}
		if len(o.all) > 0 && p.id <= id {
			return damaged(o.d.pages.last, fmt.Sprintf("a message's id above %d", id), fmt.Sprintf("%d", p.id))
		}
		id = p.id
		o.all = append(o.all, p)
		return nil
	})
	slices.SortFunc(o.all, place.compare)
	return o.d.failed(err, "the table of messages")
}

func (o *order) placeOf(s *sqlite3.Stmt) (place, *events.FormatError) {
	if kind := s.ColumnType(0); kind != sqlite3.INTEGER {
		return place{}, damaged(o.d.pages.last, "a message's time in nanoseconds", kind.String())
	}
	return place{s.ColumnInt64(0), s.ColumnInt64(1)}, nil
}

// next gives the next message's id; none, without an error, behind the last.
func (o *order) next() (id int64, ok bool, err error) {
	if o.stmt == nil {
		if len(o.all) == 0 {
			return 0, false, nil
		}
		id, o.all = o.all[0].id, o.all[1:]
		return id, true, nil
	}
	row, err := o.d.step(o.stmt)
	if err != nil || !row {
		return 0, false, o.d.failed(err, "the index of messages")
	}
	p, fe := o.placeOf(o.stmt)
	if fe != nil {
		return 0, false, fe
	}
	if o.any && p.compare(o.last) <= 0 {
		return 0, false, damaged(o.d.pages.last, fmt.Sprintf("messages in the order of time and id, behind %d and %d", o.last.t, o.last.id), fmt.Sprintf("%d and %d", p.t, p.id))
	}
	o.last, o.any = p, true
	return p.id, true, nil
}
