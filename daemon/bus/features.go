package bus

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/filter"
	"github.com/saccade-dev/saccade/hw"
)

// FeatureBytes is the size of a feature event on the wire.
const FeatureBytes = 16

// FeatureEvent is an event and the feature that it won.
type FeatureEvent struct {
	T       int64 // microseconds, as the event's
	X, Y    uint16
	Feature uint16 // index of the neuron in its layer
	P       events.Polarity
	// Missed tells that it won none, as no selection threshold was reached: it is new to
	// the layer. Feature is then 0. Only a daemon that was asked to (outputs.missed)
	// sends such events.
	Missed bool
}

// flagMissed is the flag of an event that won no feature.
const flagMissed = 1

// Panics of AppendFeatures.
const (
	PanicWinnersLength = "bus: there must be one winner for every event"
	PanicWinner        = "bus: a winner is an index or one of the constants of hw and filter for none"
)

// AppendFeatures appends the payload of a features message to dst: a record for each
// event of in whose winner is an index and, where missed is true, for each that was
// missed. It allocates only where dst has no room for
// a record of every event.
func AppendFeatures(dst []byte, in []events.Event, winners []int16, missed bool) (out []byte, counts Counts) {
	if len(in) != len(winners) {
		panic(PanicWinnersLength)
	}
	counts.Events = len(in)
	dst = slices.Grow(dst, len(in)*FeatureBytes)
	at := len(dst)
	out = dst[:at+len(in)*FeatureBytes]
	for i := range in {
		w, flags := winners[i], uint64(0)
		if w < 0 {
			switch w {
			case hw.Missed:
				counts.Missed++
				if missed {
					w, flags = 0, flagMissed
				}
			case hw.Border:
				counts.Border++
			case hw.Outside:
				counts.Outside++
			case hw.Noise:
				counts.Noise++
			case hw.Ignored:
				counts.Ignored++
			case filter.ByRefractory:
				counts.Refractory++
			case filter.ByBackground:
				counts.Background++
			default:
				panic(PanicWinner)
			}
			if flags == 0 {
				continue
			}
		}
		e := &in[i]
		r := out[at : at+FeatureBytes : at+FeatureBytes]
		binary.LittleEndian.PutUint64(r[0:8], uint64(e.T))
		// The other fields in one store: x, y, feature, polarity and flags.
		binary.LittleEndian.PutUint64(r[8:16], uint64(e.X)|uint64(e.Y)<<16|uint64(uint16(w))<<32|uint64(e.P)<<48|flags<<56)
		at += FeatureBytes
	}
	return out[:at], counts
}

// featuresFormat is the name of the layout in errors.
const featuresFormat = "features"

// AppendFeatureEvents decodes the payload of a features message and appends its
// records to dst, those before the damage if there is any. Its error is an
// [*events.FormatError].
func AppendFeatureEvents(dst []FeatureEvent, data []byte) ([]FeatureEvent, error) {
	dst = slices.Grow(dst, len(data)/FeatureBytes)
	at := 0
	for ; at+FeatureBytes <= len(data); at += FeatureBytes {
		r := data[at : at+FeatureBytes : at+FeatureBytes]
		f := FeatureEvent{
			T:       int64(binary.LittleEndian.Uint64(r[0:8])),
			X:       binary.LittleEndian.Uint16(r[8:10]),
			Y:       binary.LittleEndian.Uint16(r[10:12]),
			Feature: binary.LittleEndian.Uint16(r[12:14]),
			P:       events.Polarity(r[14]),
			Missed:  r[15] == flagMissed,
		}
		// One branch for a good record; MaxSide is a power of two.
		if f.X|f.Y >= events.MaxSide || f.Feature > math.MaxInt16 || r[14]&^1|r[15]&^flagMissed != 0 || f.Missed && f.Feature != 0 {
			return dst, recordError(at, f, r[15])
		}
		dst = append(dst, f)
	}
	if rest := len(data) - at; rest > 0 {
		return dst, featuresError(at, fmt.Sprintf("a record of %d bytes", FeatureBytes), strconv.Itoa(rest))
	}
	return dst, nil
}

// recordError says which field of a record cannot be.
func recordError(at int, f FeatureEvent, flags byte) error {
	switch {
	case f.X >= events.MaxSide:
		return featuresError(at+8, fmt.Sprintf("x below %d", events.MaxSide), strconv.Itoa(int(f.X)))
	case f.Y >= events.MaxSide:
		return featuresError(at+10, fmt.Sprintf("y below %d", events.MaxSide), strconv.Itoa(int(f.Y)))
	case f.Feature > math.MaxInt16:
		return featuresError(at+12, fmt.Sprintf("a feature up to %d", math.MaxInt16), strconv.Itoa(int(f.Feature)))
	case f.P > events.On:
		return featuresError(at+14, "polarity 0 or 1", strconv.Itoa(int(f.P)))
	case f.Missed && f.Feature != 0:
		return featuresError(at+12, "feature 0 of a missed event", strconv.Itoa(int(f.Feature)))
	default:
		return featuresError(at+15, "flags 0 or 1", strconv.Itoa(int(flags)))
	}
}

func featuresError(at int, want, got string) error {
	return &events.FormatError{Format: featuresFormat, Offset: int64(at), Want: want, Got: got, Fatal: true}
}
