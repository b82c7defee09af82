package learn

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
)

// deltaTerms are what a training must have in common with a checkpoint to go on from it,
// beside what the trainings in it say themselves.
type deltaTerms struct {
	Frames  frames.Config `json:"frames"`
	Content string        `json:"content"` // SHA-256 of all frames and labels
	Shifted int           `json:"shifted"` // places beside that of the recordings
	HoldOut float64       `json:"hold_out"`
	Again   bool          `json:"again"`
	Refined string        `json:"refined,omitempty"` // SHA-256 of the numbers that it began with
}

func termsOf(set *FrameSet, d *DeltaTraining) deltaTerms {
	t := deltaTerms{Frames: set.Config, Content: set.digest(), Shifted: len(d.Shifted), HoldOut: d.HoldOut, Again: d.Again}
	if d.Refined != nil {
		// The keys of a map are written in their order.
		b, err := json.Marshal(d.Refined)
		if err != nil {
			panic(PanicTerms)
		}
		sum := sha256.Sum256(b)
		t.Refined = hex.EncodeToString(sum[:])
	}
	return t
}

// PanicTerms is that numbers of a network could not be written down, which were checked to be finite.
const PanicTerms = "learn: numbers of a network that cannot be written"

// digest tells sets apart: a SHA-256 of all labels and frames.
func (s *FrameSet) digest() string {
	h := sha256.New()
	var b []byte
	for i := range s.rows {
		r := &s.rows[i]
		b = append(binary.LittleEndian.AppendUint32(b[:0], uint32(len(r.label))), r.label...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(r.ends)))
		for _, v := range r.ends {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		for k, at := range r.at {
			b = binary.LittleEndian.AppendUint32(b, at)
			b = binary.LittleEndian.AppendUint16(b, uint16(r.level[k]))
		}
		h.Write(b) // which never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// same tells whether a checkpoint is of this training, and names what is other.
func (r *deltaRun) same(terms deltaTerms, trainers []*train.Trainer) error {
	fresh, err := r.begin()
	if err != nil {
		return err
	}
	if len(trainers) > len(r.sets) {
		return fmt.Errorf("it is of another training: expected %d of them, found %d", len(r.sets), len(trainers))
	}
	// What else follows from something comes behind it, and the content last of all.
	content, now := terms.Content, r.terms
	terms.Content, now.Content = "", ""
	if err := sameFields("", terms, now); err != nil {
		return err
	}
	for _, t := range trainers {
		if err := sameText("network: ", t.Topology().String(), fresh.Topology().String()); err != nil {
			return err
		}
		if err := sameFields("option ", t.Options(), fresh.Options()); err != nil {
			return err
		}
	}
	if content != r.terms.Content {
		return errors.New("it is of another training: the recordings, or the layers whose features were drawn, were others: name another checkpoint, or remove it")
	}
	return nil
}

// OtherTrainingError is the error of a checkpoint that is of another training than the one that is to go on.
type OtherTrainingError struct {
	Checkpoint string // the file
	// Setting is what is other: a field of the frames as in their JSON, such as frames.every; an option of the
	// training, such as option schedule.rate; or a line of the topology.
	Setting string
	// Found is what it was, Now what it is.
	Found, Now string
}

// Error says what differs.
func (e *OtherTrainingError) Error() string {
	return fmt.Sprintf("%s: it is of another training: %s %s, now %s: name another checkpoint, or remove it", e.Checkpoint, e.Setting, e.Found, e.Now)
}

func differs(what, found, now string) error {
	if found == now {
		return nil
	}
	return &OtherTrainingError{Setting: what, Found: found, Now: now}
}

// sameText names the first line that is other.
func sameText(what, found, now string) error {
	a, b := strings.Split(found, "\n"), strings.Split(now, "\n")
	for i := range max(len(a), len(b)) {
		line := func(of []string) string {
			if i >= len(of) || of[i] == "" {
				return "none"
			}
			return strings.TrimSpace(of[i])
		}
		if err := differs(what+"line "+strconv.Itoa(i+1), line(a), line(b)); err != nil {
			return err
		}
	}
	return nil
}

// sameFields compares two values by their JSON and names the first field that is other.
func sameFields(what string, found, now any) error {
	a, err := fields(found)
	if err != nil {
		return err
	}
	b, err := fields(now)
	if err != nil {
		return err
	}
	return sameMaps(what, a, b)
}

func fields(v any) (out map[string]any, err error) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

func sameMaps(what string, a, b map[string]any) error {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		one, inner := a[name].(map[string]any)
		other, both := b[name].(map[string]any)
		if inner && both {
			if err := sameMaps(what+name+".", one, other); err != nil {
				return err
			}
			continue
		}
		if err := differs(what+name, shownJSON(what+name, a[name]), shownJSON(what+name, b[name])); err != nil {
			return err
		}
	}
	return nil
}

// durations are the fields whose numbers are nanoseconds.
var durations = []string{"frames.every", "frames.tau"}

func shownJSON(name string, v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case float64:
		if slices.Contains(durations, name) {
			return time.Duration(v).String()
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
