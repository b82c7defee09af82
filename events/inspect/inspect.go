package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// Summary is what a recording holds.
type Summary struct {
	File     string
	Format   string
	Geometry events.Geometry // zero where the recording does not say
	Events   int64
	On       int64
	First    *events.Event // nil where there are no events
	Last     *events.Event
	// MaxX and MaxY are the largest coordinates.
	MaxX, MaxY uint16
	// BackwardSteps counts the events earlier than the one before them.
	BackwardSteps int64
	// Skipped counts what was not an event, by kind.
	Skipped map[string]int64
	Digest  *events.Digest // nil unless asked for
	Damage  *Damage        // what was read on behind; nil unless that was asked for
}

// Duration is the time from the first event to the last, in microseconds.
func (s *Summary) Duration() int64 {
	if s.First == nil {
		return 0
	}
	return s.Last.T - s.First.T
}

type jsonEvent struct {
	T  int64  `json:"t"`
	X  uint16 `json:"x"`
	Y  uint16 `json:"y"`
	On int    `json:"on"`
}

func toJSON(e *events.Event) *jsonEvent {
	if e == nil {
		return nil
	}
	return &jsonEvent{e.T, e.X, e.Y, int(e.P)}
}

// MarshalJSON gives the object that `saccade inspect --json` prints. Width and
// height are null where the recording does not say. What was read leniently has its
// damage at the end: the first of it in words, and how much it was.
func (s *Summary) MarshalJSON() ([]byte, error) {
	var width, height *int
	if s.Geometry.Known() {
		width, height = &s.Geometry.Width, &s.Geometry.Height
	}
	skipped := s.Skipped
	if skipped == nil {
		skipped = map[string]int64{}
	}
	damage, damages, err := s.Damage.fields()
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		File          string           `json:"file"`
		Format        string           `json:"format"`
		Width         *int             `json:"width"`
		Height        *int             `json:"height"`
		Events        int64            `json:"events"`
		On            int64            `json:"on"`
		First         *jsonEvent       `json:"first"`
		Last          *jsonEvent       `json:"last"`
		Duration      int64            `json:"duration_us"`
		BackwardSteps int64            `json:"backward_steps"`
		Skipped       map[string]int64 `json:"skipped"`
		Digest        *events.Digest   `json:"digest,omitempty"`
		Damage        json.RawMessage  `json:"damage,omitempty"`
		Damages       *int64           `json:"damages,omitempty"`
	}{
		s.File, s.Format, width, height, s.Events, s.On, toJSON(s.First), toJSON(s.Last),
		s.Duration(), s.BackwardSteps, skipped, s.Digest, damage, damages,
	})
}

// File reads a recording to its end. Where it is damaged, the summary is of the
// events before the damage and comes with the error.
func File(ctx context.Context, path string, o events.OpenOptions, digest bool) (*Summary, error) {
	return file(ctx, &Summary{File: path}, o, digest)
}

// Lenient reads a recording as File does, but on behind damage where the format allows; what
// nothing can be read behind is then the end. The summary tells of the damage. An error is that of
// opening the recording, of the disk or of the context.
func Lenient(ctx context.Context, path string, o events.OpenOptions, digest bool) (*Summary, error) {
	return file(ctx, &Summary{File: path, Damage: new(Damage)}, o, digest)
}

func file(ctx context.Context, s *Summary, o events.OpenOptions, digest bool) (_ *Summary, err error) {
	f, err := events.Open(s.File, o)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s.Format = f.Format.Name
	var digester *events.Digester
	if digest {
		digester = events.NewDigester()
	}
	err = s.read(ctx, f, digester)
	if digest {
		sum := digester.Sum()
		s.Digest = &sum
	}
	s.Geometry = f.Header().Geometry
	s.Skipped = f.Skipped()
	return s, err
}

func (s *Summary) read(ctx context.Context, r events.Reader, digester *events.Digester) error {
	p := events.NewPacket(events.DefaultPacketEvents)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.Read(p)
		s.add(p.Events)
		if digester != nil {
			digester.Add(p.Events)
		}
		switch damage, ok := errors.AsType[*events.FormatError](err); {
		case errors.Is(err, io.EOF):
			return nil
		case ok && s.Damage != nil:
			if s.Damage.Add(err); damage.Fatal {
				return nil
			}
		case err != nil:
			return err
		}
	}
}

func (s *Summary) add(in []events.Event) {
	if len(in) == 0 {
		return
	}
	if s.First == nil {
		first := in[0]
		s.First = &first
		s.Last = new(events.Event)
		s.Last.T = first.T
	}
	before := s.Last.T
	for _, e := range in {
		if e.T < before {
			s.BackwardSteps++
		}
		before = e.T
		s.On += int64(e.P)
		s.MaxX, s.MaxY = max(s.MaxX, e.X), max(s.MaxY, e.Y)
	}
	s.Events += int64(len(in))
	*s.Last = in[len(in)-1]
}
