package checkpoint

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// Place is what a checkpoint of a series says of itself.
type Place struct {
	// Term is which owner of the sensor wrote it: of one that is not the owner any more,
	// checkpoints are older than those of its successor, however far it came.
	Term uint64 `json:"term"`
	// Epoch and Seq are where its state stands in the stream of events.
	Epoch int64  `json:"epoch"`
	Seq   uint64 `json:"seq"`
	// Number counts the checkpoints of a series.
	Number uint64 `json:"number"`
	// Format is the version of what it holds.
	Format int `json:"format"`
}

// compare orders places by which is to be gone on from.
func (p Place) compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Term, q.Term), cmp.Compare(p.Number, q.Number))
}

// format is the version of checkpoints that are written.
const format = 1

// Entry is a checkpoint that is stored.
type Entry struct {
	Place Place
	Bytes int64
	Time  time.Time
	slot  int
	name  string
	known uint64 // number of the message that names it
}

// Object is its name in the object store.
func (e *Entry) Object() string { return e.name }

// Series keeps the last few checkpoints of one sensor, each of which takes the place of the
// oldest one, all or nothing. It is used by one goroutine at a time.
type Series struct {
	store  *Store
	sensor string
	slots  []Entry // Number is 0 where there is none
	known  bool
}

// MaxKept is how many checkpoints of a sensor can be kept.
const MaxKept = 16

// Series opens the checkpoints of a sensor, of which so many are kept.
func (s *Store) Series(sensor string, keep int) *Series {
	return &Series{store: s, sensor: sensor, slots: make([]Entry, max(1, min(keep, MaxKept)))}
}

// metaPlace is where the place stands in an object's metadata.
const metaPlace = "saccade-checkpoint"

// slot is the name of an object. No sensor's name has a dot.
func (c *Series) slot(i int) string { return c.sensor + "." + strconv.Itoa(i) }

// Look lists the checkpoints that there are, the one to go on from first. What is stored
// and cannot be understood is an error each beside them.
func (c *Series) Look(ctx context.Context) (list []Entry, damaged, err error) {
	for i := range c.slots {
		c.slots[i] = Entry{slot: i}
		info, known, err := c.store.bucket.Info(ctx, c.slot(i))
		c.slots[i].known = known
		switch {
		case errors.Is(err, jetstream.ErrObjectNotFound):
			continue
		case errors.Is(err, jetstream.ErrBadObjectMeta):
			damaged = errors.Join(damaged, fmt.Errorf("checkpoint %s: what the object store says of it: %w", c.slot(i), err))
			continue
		case err != nil:
			return nil, nil, fmt.Errorf("checkpoints of %s: %w", c.sensor, err)
		}
		e := Entry{slot: i, name: c.slot(i), Bytes: int64(info.Size), Time: info.ModTime, known: known}
		if e.Place, err = parsePlace(info.Metadata[metaPlace]); err != nil {
			damaged = errors.Join(damaged, fmt.Errorf("checkpoint %s: %w", c.slot(i), err))
			continue
		}
		c.slots[i] = e
		list = append(list, e)
	}
	c.known = true
	slices.SortFunc(list, func(a, b Entry) int { return b.Place.compare(a.Place) })
	return list, damaged, nil
}

// Load reads the state of a checkpoint, whole or not at all.
func (c *Series) Load(ctx context.Context, e Entry) ([]byte, error) {
	state, err := c.store.Load(ctx, c.slot(e.slot))
	if err == nil && state == nil {
		err = fmt.Errorf("checkpoint %s: it is not there any more: %w", c.slot(e.slot), errDamaged)
	}
	return state, err
}

// Save stores a state in the place of the oldest checkpoint, unless somebody else has stored one there since we
// looked, or there are a later owner's. Its number is chosen here.
func (c *Series) Save(ctx context.Context, at Place, state []byte) (Entry, error) {
	if !c.known {
		if _, _, err := c.Look(ctx); err != nil {
			return Entry{}, err
		}
	}
	oldest, number := 0, uint64(0)
	for i, e := range c.slots {
		if e.Place.compare(c.slots[oldest].Place) < 0 {
			oldest = i
		}
		number = max(number, e.Place.Number)
		if e.Place.Term > at.Term {
			return Entry{}, &bus.FencedError{Sensor: c.sensor, Term: e.Place.Term, Own: at.Term}
		}
	}
	at.Number, at.Format = number+1, format
	meta, err := json.Marshal(at)
	if err != nil {
		return Entry{}, err
	}
	named, err := c.store.save(ctx, c.slot(oldest), state, map[string]string{metaPlace: string(meta)}, &c.slots[oldest].known)
	if err != nil {
		c.known = false
		return Entry{}, err
	}
	c.slots[oldest] = Entry{Place: at, Bytes: int64(len(state)), Time: time.Now(), slot: oldest, name: c.slot(oldest), known: named}
	return c.slots[oldest], nil
}

// Damaged tells whether an error of Load says that the checkpoint will never be whole, and not
// that it cannot be read now.
func Damaged(err error) bool {
	for _, damage := range []error{errDamaged, jetstream.ErrDigestMismatch, jetstream.ErrInvalidDigestFormat, jetstream.ErrBadObjectMeta} {
		if errors.Is(err, damage) {
			return true
		}
	}
	return false
}

// errDamaged is a state of which something is missing.
var errDamaged = errors.New("it is damaged")

// Aside keeps a state that cannot be used, beside the series.
func (c *Series) Aside(ctx context.Context, state []byte) (name string, err error) {
	name = c.sensor + ".unused"
	return name, c.store.Save(ctx, name, state)
}
