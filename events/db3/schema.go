package db3

import (
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

const (
	topicsTable   = "topics"
	messagesTable = "messages"
)

// The columns that a bag must have.
var columns = map[string][]string{
	topicsTable:   {"id", "name", "type", "serialization_format"},
	messagesTable: {"id", "topic_id", "timestamp", "data"},
}

const (
	maxName   = 4096
	maxTopics = 1 << 16
)

// schemaOffset is where the table of tables begins.
const schemaOffset = headerBytes

// checkSchema sees that the tables of a bag are there, and that they are tables: nothing
// that computes what it holds.
func (d *database) checkSchema() error {
	for _, table := range []string{topicsTable, messagesTable} {
		found := "none"
		err := d.rows("SELECT type, rootpage FROM sqlite_schema WHERE name = '"+table+"'", func(s *sqlite3.Stmt) error {
			if found = s.ColumnText(0); found == "table" && s.ColumnInt64(1) <= 0 {
				found = "virtual table"
			}
			return nil
		})
		if err != nil {
			return d.failed(err, "the schema of a database")
		}
		if found != "table" {
			return damaged(schemaOffset, fmt.Sprintf("the table %q of a ROS 2 bag", table), found)
		}
		if err := d.checkColumns(table); err != nil {
			return err
		}
	}
	return nil
}

func (d *database) checkColumns(table string) error {
	missing := map[string]bool{}
	for _, c := range columns[table] {
		missing[c] = true
	}
	computed := ""
	err := d.rows("PRAGMA table_xinfo("+table+")", func(s *sqlite3.Stmt) error {
		name := s.ColumnText(1)
		delete(missing, name)
		if s.ColumnInt64(6) != 0 {
			computed = name
		}
		return nil
	})
	switch {
	case err != nil:
		return d.failed(err, "the columns of table "+table)
	case computed != "":
		return damaged(schemaOffset, fmt.Sprintf("columns of table %q that hold what was recorded", table), fmt.Sprintf("a computed one, %.64q", computed))
	}
	for _, c := range columns[table] {
		if missing[c] {
			return damaged(schemaOffset, fmt.Sprintf("a column %q in table %q", c, table), "none")
		}
	}
	return nil
}

// topic is a row of the table of topics.
type topic struct {
	name, typ string
	cdr       bool
}

// topics reads the table of topics.
func (d *database) topics() (map[int64]topic, error) {
	out := map[int64]topic{}
	err := d.rows("SELECT id, name, type, serialization_format FROM topics ORDER BY rowid", func(s *sqlite3.Stmt) error {
		id := s.ColumnInt64(0)
		t := topic{name: s.ColumnText(1), typ: s.ColumnText(2)}
		format := s.ColumnText(3)
		_, twice := out[id]
		switch {
		case s.ColumnType(0) != sqlite3.INTEGER:
			return damaged(d.pages.last, "a topic's id", "something that is no number")
		case twice:
			return damaged(d.pages.last, "topics with ids of their own", fmt.Sprintf("%d twice", id))
		case len(out) == maxTopics:
			return damaged(d.pages.last, fmt.Sprintf("at most %d topics", maxTopics), "more")
		case max(len(t.name), len(t.typ), len(format)) > maxName:
			return damaged(d.pages.last, fmt.Sprintf("a topic's name, type and format of at most %d bytes", maxName), "more")
		}
		if t.cdr = format == "cdr"; !t.cdr {
			t.typ = strings.TrimLeft(t.typ+" in "+printable(format), " ")
		}
		out[id] = t
		return nil
	})
	return out, d.failed(err, "the table of topics")
}

// printable is a format's name, of which a damaged file may have any.
func printable(format string) string {
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	if format == "" || len(format) > 32 || strings.ContainsFunc(format, strange) {
		return "another format"
	}
	return format
}
